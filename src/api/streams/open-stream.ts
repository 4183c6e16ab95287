/**
 * @file One client's event stream: follows a job in the hub and writes what comes to the socket.
 *
 * A client that stops reading is not written to, and is let go after a while; it comes back with the
 * id of the last event that it has, and misses nothing.
 */
import type { Socket } from 'node:net'

import type { FastifyBaseLogger, FastifyReply } from 'fastify'

import type { Follower, Hub } from './hub.ts'
import { toMessage } from './messages.ts'
import { takeConnection } from './take-connection.ts'

export interface OpenStreamOptions {
  readonly hub: Hub
  readonly reply: FastifyReply
  readonly jobId: string
  /** The last event that the client has. */
  readonly afterSeq: number
  readonly onClose: () => void
}

const heartbeatEveryMs = 15_000

/** What a client may leave unread before it is waited for; beyond it, one message. */
const unreadBytes = 65_536

/** For what is unread, and the reason behind it, to be read after all. */
const lastWordsMs = 5_000

export function openStream({ reply, onClose, ...options }: OpenStreamOptions): void {
  const socket = takeConnection(reply, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  if (socket) serve(socket, { ...options, log: reply.log, onClose })
  else onClose()
}

interface ServeOptions extends Omit<OpenStreamOptions, 'reply'> {
  readonly log: FastifyBaseLogger
}

function serve(socket: Socket, { hub, log, jobId, afterSeq, onClose }: ServeOptions): void {
  let cursor = afterSeq
  /** At the last heartbeat, and nothing was read since. */
  let wasUnread = false
  let lastWords: NodeJS.Timeout | undefined

  const follower: Follower = {
    get cursor() {
      return cursor
    },
    isReady: () => !socket.writableEnded && socket.writableLength < unreadBytes,
    take(events) {
      for (const event of events) {
        if (!follower.isReady()) return
        socket.write(toMessage(event))
        cursor = event.seq
        if (event.type === 'end') socket.end()
      }
    },
    end: () => socket.end(),
  }
  socket.write('retry: 3000\n\n')
  const leave = hub.follow(jobId, follower)

  const heartbeat = setInterval(() => {
    if (socket.writableEnded) return
    if (follower.isReady()) socket.write(': still here\n\n')
    else if (wasUnread) letGo()
    else wasUnread = true
  }, heartbeatEveryMs)

  function letGo(): void {
    log.info({ jobId, unreadBytes: socket.writableLength }, 'an event stream was not read: closed')
    socket.end(': closed, since nothing was read for 15 s; come back with Last-Event-ID\n\n')
    lastWords = setTimeout(() => socket.destroy(), lastWordsMs)
  }

  socket.on('drain', () => {
    wasUnread = false
    hub.wake(jobId)
  })
  socket.on('error', () => socket.destroy()) // a reset is a way to leave, not a fault
  socket.once('close', () => {
    clearInterval(heartbeat)
    clearTimeout(lastWords)
    leave()
    onClose()
  })
}
