/** @file One stream on a real connection; the hub's part is played by the test. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

import type { FastifyReply } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'

import type { Follower } from '../../../src/api/streams/hub.ts'
import { openStream } from '../../../src/api/streams/open-stream.ts'
import type { JobEvent } from '../../../src/contract/events.ts'

const closers: (() => void)[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const close of closers.splice(0)) close()
})

/** So large that a few are more than the kernel takes. */
const event = (seq: number): JobEvent => ({
  seq,
  type: 'log',
  at: '2026-01-01T00:00:00.000Z',
  data: { level: 'info', message: 'x'.repeat(1_000_000) },
})

async function aStream() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.pause()
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const [, raw] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  raw.setHeader('x-other', 'yes')
  closers.push(
    () => server.close(),
    () => client.destroy(),
  )
  const log = { info: vi.fn() }
  const request = { raw: raw.req, id: 'req' }
  const reply = { raw, request, server: { log }, hijack() {}, getHeaders: () => raw.getHeaders() }
  const wake = vi.fn()
  const onClose = vi.fn()
  let follower: Follower | undefined
  openStream({
    hub: {
      wake,
      close() {},
      follow(_, given) {
        follower = given
        return () => {}
      },
    },
    reply: reply as unknown as FastifyReply,
    jobId: 'job',
    afterSeq: 0,
    onClose,
  })
  return { client, raw, follower: follower!, wake, onClose, log }
}

async function readToTheEnd(client: Socket): Promise<string> {
  let text = ''
  client.setEncoding('utf8')
  client.on('data', (piece) => {
    text += piece
  })
  client.resume()
  await once(client, 'end')
  return text
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => event(i + 1))

test('a client that does not read is written no more than it can hold, and the rest waits', async () => {
  const { client, follower, wake } = await aStream()
  follower.take(upTo(30))

  expect(follower.isReady()).toBe(false)
  expect(follower.cursor).toBeGreaterThan(0)
  expect(follower.cursor).toBeLessThan(30)

  client.resume()
  await vi.waitFor(() => expect(wake).toHaveBeenCalledWith('job'))
  expect(follower.isReady()).toBe(true)
})

test('a client that goes on not reading is let go, with what it has and the reason', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] })
  const { client, follower, onClose, log } = await aStream()
  follower.take(upTo(30))
  const { cursor } = follower
  vi.advanceTimersByTime(30_000)
  expect(follower.isReady()).toBe(false)
  expect(log.info).toHaveBeenCalledOnce()
  const text = await readToTheEnd(client)

  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  expect(ids).toEqual(Array.from({ length: cursor }, (_, i) => i + 1))
  expect(text).toMatch(/x-other: yes\r\n/)
  expect(text).toMatch(/\n: closed, since nothing was read for 15 s; come back.*\n\n$/)
  client.end()
  vi.useRealTimers()
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce())
})

test('a client that reads is let go after an hour, however little happens, and told so', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] })
  const { client, follower, onClose } = await aStream()
  follower.take([{ ...event(1), data: { level: 'info', message: 'x' } } as JobEvent])
  vi.advanceTimersByTime(3_600_000 - 1)
  expect(follower.isReady()).toBe(true)
  vi.advanceTimersByTime(1)
  const text = await readToTheEnd(client)

  expect(text.match(/still here/g)).toHaveLength(239)
  expect(text).toMatch(/\n: closed, since it was open for an hour; come back.*\n\n$/)
  client.end()
  vi.useRealTimers()
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce())
})

test('a client that vanished behind a proxy that still answers is let go after an hour, too', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] })
  const { raw, onClose } = await aStream() // it neither reads nor closes
  const { socket } = raw
  vi.advanceTimersByTime(3_600_000)
  expect(socket?.destroyed).toBe(false)
  vi.advanceTimersByTime(5_000)

  expect(socket?.destroyed).toBe(true)
  vi.useRealTimers()
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce())
})

test('one that does not even read the reason is cut off', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] })
  const { follower, raw, onClose } = await aStream()
  follower.take(upTo(30))
  vi.advanceTimersByTime(30_000)
  expect(raw.socket?.destroyed).toBe(false)
  vi.advanceTimersByTime(5_000)

  expect(raw.socket?.destroyed ?? true).toBe(true)
  vi.useRealTimers()
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce())
})
