import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

import Fastify, { type FastifyReply } from 'fastify'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'

import { whileWanted } from '../../src/api/while-wanted.ts'

const app = Fastify({ forceCloseConnections: true })
let signal: AbortSignal | undefined
app.post('/:ms', async (request, reply) => {
  const { ms } = request.params as { ms: string }
  signal = whileWanted(reply, 300)
  await sleep(Number(ms))
  return { aborted: signal.aborted }
})
const origin = await app.listen({ host: '127.0.0.1', port: 0 })
afterAll(() => app.close())

const post = (ms: number, options: RequestInit = {}) =>
  fetch(`${origin}/${ms}`, {
    method: 'POST',
    body: 'a body that is read',
    ...options,
    headers: { 'content-type': 'text/plain' },
  })

test('an answer is wanted until it is there, also when the body was read long ago', async () => {
  expect(await (await post(100)).json()).toEqual({ aborted: false })
})

test('an answer that takes too long is wanted no more', async () => {
  expect(await (await post(500)).json()).toEqual({ aborted: true })
  expect(signal?.reason).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 })
})

test('a client that leaves wants no answer', async () => {
  await expect(post(250, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
  await expect.poll(() => signal?.aborted).toBe(true)
  expect(signal?.reason).toMatchObject({ code: 'request_timeout' })
})

test('an answer that is there leaves no timer behind', () => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const raw = new EventEmitter()
  whileWanted({ raw } as FastifyReply, 60_000)
  expect(vi.getTimerCount()).toBe(1)

  raw.emit('close')
  expect(vi.getTimerCount()).toBe(0)
})
