/** @file The characters of a file, as code points, one after the other. */
import { createUtf8Decoder } from '../parsers/utf8-decoder.ts'

/** Between two signs of life: about 1 ms. */
const pieceBytes = 64 * 1024

/** `bytes` may lie in shared memory. `onProgress` is called after each piece, and may throw to end it. */
export function readCharacters(
  bytes: Uint8Array,
  onCharacter: (code: number) => void,
  onProgress: () => void,
): void {
  const decoder = createUtf8Decoder({
    rowNow: () => undefined,
    onText: (text) => eachCharacter(text, onCharacter),
  })
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    decoder.write(bytes.subarray(from, from + pieceBytes))
    onProgress()
  }
  decoder.end()
}

export function eachCharacter(text: string, onCharacter: (code: number) => void): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0
    if (code > 0xffff) i += 1 // it takes two places
    onCharacter(code)
  }
}
