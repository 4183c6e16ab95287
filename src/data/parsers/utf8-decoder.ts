/**
 * @file Bytes to text, strictly: UTF-8 or an error that says in which row the file stops being it.
 *
 * Text is handed on in pieces that never cut a character. A byte order mark at the start is dropped.
 * NUL is refused: no store of text can hold it. What a row is, only the parser that reads the text
 * knows; so it is handed everything before the bad byte and then asked where it stands.
 */
import { DataError } from '../data-error.ts'

export interface Utf8DecoderOptions {
  onText(text: string): void
  /** The row that the text so far ends in, from 1; undefined where there are no rows. */
  rowNow(): number | undefined
}

export interface Utf8Decoder {
  write(bytes: Uint8Array): void
  end(): void
}

const byteOrderMark = '\ufeff'

export function createUtf8Decoder({ onText, rowNow }: Utf8DecoderOptions): Utf8Decoder {
  // A byte order mark inside the file is a character like any other, so it is not left to the decoder.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let carried = new Uint8Array(0)
  let atStart = true

  function hand(text: string): void {
    if (text === '') return
    const body = atStart && text.startsWith(byteOrderMark) ? text.slice(1) : text
    atStart = false
    const nul = body.indexOf('\0')
    onText(nul === -1 ? body : body.slice(0, nul))
    if (nul === -1) return
    throw new DataError('expected text, got a NUL character. Is this a text file?', {
      row: rowNow(),
    })
  }

  function refuse(bytes: Uint8Array): never {
    const good = validPrefixBytes(bytes)
    hand(decoder.decode(bytes.subarray(0, good)))
    const byte = bytes[good].toString(16).toUpperCase().padStart(2, '0')
    throw new DataError(
      `expected UTF-8, got the byte 0x${byte}, which cannot stand here. Save the file as UTF-8.`,
      { row: rowNow() },
    )
  }

  return {
    write(piece) {
      const bytes = concatenated(carried, piece)
      const whole = bytes.length - incompleteTailBytes(bytes)
      carried = bytes.slice(whole)
      const complete = bytes.subarray(0, whole)
      let text: string
      try {
        text = decoder.decode(complete)
      } catch {
        return refuse(complete)
      }
      hand(text)
    },

    end() {
      if (carried.length > 0) refuse(carried)
    },
  }
}

/** A copy in any case: bytes in shared memory are not for decoders. */
function concatenated(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}

/** How many bytes at the end begin a character that the next piece may complete: 0 to 3. */
function incompleteTailBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]
    if (byte < 0x80) return 0
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needed > back ? back : 0
    }
  }
  return 0
}

/** Where the first character stands that is not UTF-8, in bytes. There is one. */
function validPrefixBytes(bytes: Uint8Array): number {
  const encoder = new TextEncoder()
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  let from = 0
  let offset = 0
  for (;;) {
    const replaced = text.indexOf('\ufffd', from)
    offset += encoder.encode(text.slice(from, replaced)).length
    // A file may hold a replacement character of its own: EF BF BD.
    const [a, b, c] = bytes.subarray(offset, offset + 3)
    if (a !== 0xef || b !== 0xbf || c !== 0xbd) return offset
    from = replaced + 1
    offset += 3
  }
}
