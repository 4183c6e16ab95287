/**
 * @file The bare connection behind an answer that goes on for hours.
 *
 * What Node keeps of an answer's headers, and Fastify with it, is 5 KiB a stream; and each message of a
 * chunked answer goes out in four pieces. Here the head is written at once, and the body ends with the
 * connection.
 */
import type { Socket } from 'node:net'

import type { FastifyReply } from 'fastify'

/** null when the client has gone already: then no `close` will come. */
export function takeConnection(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
): Socket | null {
  reply.hijack()
  const { raw } = reply
  if (!raw.socket || raw.socket.destroyed) return null
  const head = { ...reply.getHeaders(), ...headers, connection: 'close' }
  for (const name of raw.getHeaderNames()) raw.removeHeader(name)
  const lines = Object.entries(head).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => `${name}: ${each}`),
  )
  raw.socket.write(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`)
  forgetRequest(reply)
  return raw.socket
}

/**
 * The connection holds on to its request for as long as it is open. Two loggers of its own and the
 * client's headers are 2 KiB a stream, and nobody asks for them any more.
 */
function forgetRequest(reply: FastifyReply): void {
  const { request, server } = reply
  request.log = server.log
  reply.log = server.log
  request.raw.rawHeaders = []
  request.raw.headers = {}
}
