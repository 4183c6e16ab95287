/**
 * @file A file that may be compressed by gzip, as its first two bytes tell. It is decompressed while it
 * comes in and no faster than it is read, so a small file that stands for a huge one does no harm:
 * whoever reads it stops in time.
 */
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { AppError } from '../../contract/errors.ts'

const gzipMagic = [0x1f, 0x8b]

/** `name` is for messages. Errors: those of `pieces`, `invalid_dataset`. */
export async function* decompress(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const iterator = pieces[Symbol.asyncIterator]()
  const head = await firstBytes(iterator)
  const whole = continued(head, iterator)
  if (!gzipMagic.every((byte, i) => head[i] === byte)) return yield* whole
  // Errors come out of the iteration, those of the pieces as they are.
  const plain = pipeline(Readable.from(whole, { objectMode: false }), createGunzip(), () => {})
  try {
    yield* plain
  } catch (error) {
    throw isZlibError(error) ? broken(name, error) : error
  }
}

/** At least two, unless there are fewer. */
async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < gzipMagic.length) {
    const { done, value } = await iterator.next()
    if (done) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return head
}

async function* continued(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    if (head.length > 0) yield head
    for (;;) {
      const { done, value } = await iterator.next()
      if (done) return
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function broken(name: string, cause: Error): AppError {
  const detail = `The part ${JSON.stringify(name)} cannot be decompressed: ${cause.message}.`
  return new AppError('invalid_dataset', detail, { cause })
}
