/**
 * @file From ready to gone. `drain()`: /readyz says 503, so that no new work is sent here, and answers
 * close their connections; requests are still served. `close()`: what still comes is refused.
 */
import type { Socket } from 'node:net'

import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** To be called a little before `close()`, when a load balancer stands in front. */
    drain(): void
    isDraining(): boolean
  }
}

const sweepEveryMs = 100

export const lifecycle = fp(async (app) => {
  let draining = false
  let closing = false
  app.decorate('drain', () => {
    draining = true
  })
  app.decorate('isDraining', () => draining)

  // Browsers connect ahead of any request; Node does not count such a connection as idle.
  const unused = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))

  let sweeper: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    draining = true
    closing = true
    // Node waits for connections that become idle only now until their keep-alive is over.
    sweeper = setInterval(() => {
      app.server.closeIdleConnections()
      for (const socket of unused) if (socket.bytesRead === 0) socket.destroy()
    }, sweepEveryMs)
  })
  app.addHook('onClose', async () => clearInterval(sweeper))

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (closing) {
      throw new AppError('unavailable', 'The service is shutting down.', { retryAfterSeconds: 2 })
    }
  })
  app.addHook('onSend', async (_request, reply) => {
    if (draining) reply.header('connection', 'close')
  })
})
