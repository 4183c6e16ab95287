/**
 * @file One client's event stream: follows a job in the hub and writes what comes to the socket.
 *
 * A client that stops reading is not written to, and is let go after a while; it comes back with the
 * id of the last event that it has, and misses nothing.
 *
 * A client that vanished without a word looks like one to whom nothing happens: the kernel takes each
 * heartbeat, and gives up after some 15 minutes without an answer (Linux, tcp_retries2). A proxy that
 * hangs answers in its place for ever. So every stream ends after an hour, and its client comes back.
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

/** One hour. */
const heartbeatsPerStream = 240

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
  const { server, request } = reply
  if (socket) serve(socket, { ...options, log: server.log, requestId: request.id, onClose })
  else onClose()
}

interface ServeOptions extends Omit<OpenStreamOptions, 'reply'> {
  /** That of the whole API: one of its own would cost each stream 1 KiB for a line that few need. */
  readonly log: FastifyBaseLogger
  readonly requestId: string
}

function serve(socket: Socket, options: ServeOptions): void {
  const { hub, log, requestId, jobId, afterSeq, onClose } = options
  let cursor = afterSeq
  /** At the last heartbeat, and nothing was read since. */
  let wasUnread = false
  let heartbeats = 0
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
    heartbeats += 1
    if (heartbeats === heartbeatsPerStream) letGo('it was open for an hour')
    else if (follower.isReady()) socket.write(': still here\n\n')
    else if (wasUnread) letGo('nothing was read for 15 s')
    else wasUnread = true
  }, heartbeatEveryMs)

  function letGo(reason: string): void {
    const unreadBytes = socket.writableLength
    log.info({ requestId, jobId, unreadBytes, reason }, 'an event stream was closed')
    socket.end(`: closed, since ${reason}; come back with Last-Event-ID\n\n`)
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
