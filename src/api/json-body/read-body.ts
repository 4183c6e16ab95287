/** @file Reads a small body into memory: counted while it comes, and not for ever. */
import type { Readable } from 'node:stream'

import { AppError } from '../../contract/errors.ts'

export interface ReadBodyOptions {
  readonly limitBytes: number
  readonly withinMs: number
  /** What the client announced, if it did. */
  readonly contentLength: number | undefined
}

/** Errors: `payload_too_large`, `request_timeout`, `invalid_json` when the client went away. */
export function readBody(payload: Readable, options: ReadBodyOptions): Promise<Buffer> {
  const { limitBytes, withinMs, contentLength } = options
  if (contentLength !== undefined && contentLength > limitBytes) {
    return Promise.reject(tooLarge(limitBytes, String(contentLength)))
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0

    const timer = setTimeout(() => {
      const detail = `The body did not arrive within ${withinMs / 1000} s; ${bytes} bytes did.`
      fail(new AppError('request_timeout', detail))
    }, withinMs)

    function onData(chunk: Buffer) {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > limitBytes) fail(tooLarge(limitBytes, 'more'))
    }
    function onEnd() {
      release()
      resolve(Buffer.concat(chunks, bytes))
    }
    function onError(cause: Error) {
      fail(new AppError('invalid_json', 'The body ended before it was complete.', { cause }))
    }
    function fail(error: AppError) {
      release()
      payload.on('error', () => {}) // the client may break off while it is being answered
      reject(error)
    }
    function release() {
      clearTimeout(timer)
      payload.off('data', onData).off('end', onEnd).off('error', onError)
    }
    payload.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

function tooLarge(limitBytes: number, got: string): AppError {
  return new AppError(
    'payload_too_large',
    `Expected a body of at most ${limitBytes} bytes, got ${got}.`,
  )
}
