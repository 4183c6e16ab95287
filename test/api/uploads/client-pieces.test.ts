import { PassThrough, Readable } from 'node:stream'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import {
  clientPieces,
  idleMs,
  slowestBytesPerSecond,
} from '../../../src/api/uploads/client-pieces.ts'
import { AppError } from '../../../src/contract/errors.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const brokenOff = (cause: unknown) => new AppError('upload_incomplete', 'cut', { cause })

/** What came, and the error at the end if there was one. */
async function read(stream: Readable) {
  const pieces: string[] = []
  try {
    for await (const piece of clientPieces(stream, brokenOff)) pieces.push(String(piece))
    return { pieces, code: null }
  } catch (error) {
    return { pieces, code: error instanceof AppError ? error.code : error }
  }
}

test('every piece comes through, in order', async () => {
  expect(await read(Readable.from([Buffer.from('a'), Buffer.from('b')]))).toEqual({
    pieces: ['a', 'b'],
    code: null,
  })
})

test('a client that falls silent is given up after 30 s', async () => {
  const stream = new PassThrough()
  const reading = read(stream)
  stream.write('a')
  await vi.advanceTimersByTimeAsync(idleMs - 1)
  stream.write('b')
  await vi.advanceTimersByTimeAsync(idleMs - 1)
  let ended = false
  reading.then(() => {
    ended = true
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(ended).toBe(false)
  await vi.advanceTimersByTimeAsync(1)

  expect(await reading).toEqual({ pieces: ['a', 'b'], code: 'request_timeout' })
})

test('a client that sends a byte now and then is given up too', async () => {
  const stream = new PassThrough()
  const reading = read(stream)
  for (let i = 0; i < 4; i++) {
    stream.write('x')
    await vi.advanceTimersByTimeAsync(10_000)
  }
  stream.end('x')

  expect(await reading).toMatchObject({ code: 'request_timeout' })
})

test('a slow line is not a fault', async () => {
  const stream = new PassThrough()
  const reading = read(stream)
  for (let i = 0; i < 60; i++) {
    stream.write('x'.repeat(2 * slowestBytesPerSecond))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  stream.end()

  expect(await reading).toMatchObject({ pieces: { length: 60 }, code: null })
})

test('the time that the client waits for us is not held against it', async () => {
  const stream = Readable.from([Buffer.from('a'), Buffer.from('b')])
  const seen: string[] = []
  for await (const piece of clientPieces(stream, brokenOff)) {
    seen.push(String(piece))
    await vi.advanceTimersByTimeAsync(10 * idleMs)
  }

  expect(seen).toEqual(['a', 'b'])
})

test('a stream that breaks means what its owner says', async () => {
  const stream = new PassThrough()
  const reading = read(stream)
  stream.write('a')
  await vi.advanceTimersByTimeAsync(1)
  stream.destroy(new Error('aborted'))

  expect(await reading).toEqual({ pieces: ['a'], code: 'upload_incomplete' })
})

test('a reader that stops leaves the stream alive, and able to flow', async () => {
  const stream = new PassThrough()
  stream.write('a')
  for await (const _ of clientPieces(stream, brokenOff)) break
  await vi.advanceTimersByTimeAsync(1)

  expect(stream.destroyed).toBe(false)
  const rest: string[] = []
  stream.on('data', (piece) => rest.push(String(piece)))
  stream.end('b')
  await vi.advanceTimersByTimeAsync(1)
  expect(rest).toEqual(['b'])
})
