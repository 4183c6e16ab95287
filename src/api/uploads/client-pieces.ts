/**
 * @file A client's file, piece by piece, as long as it keeps coming.
 *
 * A transaction and perhaps a thread wait with us, so a client may be slow, but neither silent nor
 * endlessly slow. Only the time that we wait for it counts, not the time that it waits for us.
 */
import type { Readable } from 'node:stream'

import { AppError } from '../../contract/errors.ts'

/** Without a byte. */
export const idleMs = 30_000

/** On average, once `idleMs` have gone: 100 KB on a poor mobile line. */
export const slowestBytesPerSecond = 4_096

/**
 * `brokenOff` says what an error of the stream means. Errors: those, and `request_timeout`.
 * The stream is left as it is when its reader stops: destroying it would cut the connection, and
 * with it the answer that says why.
 */
export async function* clientPieces(
  stream: Readable,
  brokenOff: (cause: unknown) => AppError,
): AsyncGenerator<Uint8Array, void> {
  const iterator: AsyncIterator<Uint8Array> = stream.iterator({ destroyOnReturn: false })
  let bytes = 0
  let waitedMs = 0
  try {
    for (;;) {
      const since = performance.now()
      const { done, value } = await withinIdleTime(iterator.next(), brokenOff)
      if (done) return
      waitedMs += performance.now() - since
      bytes += value.length
      if (waitedMs > idleMs + (bytes / slowestBytesPerSecond) * 1000) throw tooSlow(bytes, waitedMs)
      yield value
    }
  } finally {
    // Not awaited: it would wait for the piece that never came.
    void iterator.return?.()
  }
}

/** What the client sends next, unless it is silent for `idleMs`. */
export function withinIdleTime<T>(
  next: Promise<T>,
  brokenOff: (cause: unknown) => AppError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const detail = `Nothing of the file came for ${idleMs / 1000} s.`
      reject(new AppError('request_timeout', detail))
    }, idleMs)
    next
      .then(resolve, (cause: unknown) => reject(brokenOff(cause)))
      .finally(() => clearTimeout(timer))
  })
}

function tooSlow(bytes: number, waitedMs: number): AppError {
  const seconds = Math.round(waitedMs / 1000)
  return new AppError(
    'request_timeout',
    `Expected at least ${slowestBytesPerSecond} bytes a second, got ${bytes} in ${seconds} s.`,
  )
}
