/**
 * @file One client's event stream: follows a job in the hub and writes what comes to the socket.
 *
 * A client that stops reading is not written to, and is let go after a while; it comes back with the
 * id of the last event that it has, and misses nothing.
 */
import type { FastifyReply } from 'fastify'

import type { Follower, Hub } from './hub.ts'
import { createLossPacer } from './loss-pacer.ts'
import { toMessage } from './messages.ts'

export interface OpenStreamOptions {
  readonly hub: Hub
  readonly reply: FastifyReply
  readonly jobId: string
  /** The last event that the client has. */
  readonly afterSeq: number
  readonly onClose: () => void
}

const heartbeatEveryMs = 15_000

/** What a client may leave unread before it is waited for. */
const unreadBytes = 262_144

/** How long it is waited for. */
const patienceMs = 30_000

export function openStream({ hub, reply, jobId, afterSeq, onClose }: OpenStreamOptions): void {
  const socket = reply.raw
  let cursor = afterSeq
  let notReadSinceMs: number | undefined

  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) socket.setHeader(name, value)
  }
  socket.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  socket.write('retry: 3000\n\n')

  const pacer = createLossPacer((event) => socket.write(toMessage(event)))
  const follower: Follower = {
    get cursor() {
      return cursor
    },
    isReady: () => socket.writableLength < unreadBytes,
    take(events) {
      cursor = events.at(-1)?.seq ?? cursor
      pacer.take(events)
      if (events.at(-1)?.type === 'end') socket.end()
    },
    end: () => socket.end(),
  }
  const leave = hub.follow(jobId, follower)

  socket.on('drain', () => {
    notReadSinceMs = undefined
    hub.wake(jobId)
  })
  const heartbeat = setInterval(() => {
    if (socket.writableEnded) return
    if (follower.isReady()) {
      socket.write(': still here\n\n')
      return
    }
    notReadSinceMs ??= performance.now()
    if (performance.now() - notReadSinceMs > patienceMs) socket.destroy()
  }, heartbeatEveryMs)

  socket.on('error', () => socket.destroy()) // a reset is a way to leave, not a fault
  socket.once('close', () => {
    clearInterval(heartbeat)
    pacer.stop()
    leave()
    onClose()
  })
}
