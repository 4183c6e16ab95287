/**
 * @file Two parts of a form as one file: images, then their labels, each decompressed and exactly as
 * long as its header says. The second is asked for when the first has been read.
 */
import { AppError } from '../../contract/errors.ts'
import { type IdxPart, idxFileBytes, maxHeaderBytes } from '../../threads/idx-size.ts'
import { decompress } from './decompress.ts'

type Pieces = AsyncIterable<Uint8Array>

/** Errors: those of `images` and `labels`, `invalid_dataset`. */
export async function* imagesThenLabels(
  images: Pieces,
  labels: () => Promise<Pieces>,
): AsyncGenerator<Uint8Array, void> {
  yield* checkedPart('images', images)
  yield* checkedPart('labels', await labels())
}

async function* checkedPart(part: IdxPart, pieces: Pieces): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array = new Uint8Array(0)
  let expected: number | null = null
  let bytes = 0
  for await (const piece of decompress(part, pieces)) {
    bytes += piece.length
    if (expected === null) {
      head = Buffer.concat([head, piece.subarray(0, maxHeaderBytes)])
      expected = idxFileBytes(part, head)
    }
    if (expected !== null && bytes > expected)
      throw wrongSize(part, expected, `more than ${expected}`)
    yield piece
  }
  if (bytes !== expected) throw wrongSize(part, expected, String(bytes))
}

function wrongSize(part: IdxPart, expected: number | null, came: string): AppError {
  const needed = expected === null ? 'a header' : `${expected} bytes, as the header says`
  const detail = `The part ${JSON.stringify(part)}: expected ${needed}, got ${came} bytes.`
  return new AppError('invalid_dataset', detail)
}
