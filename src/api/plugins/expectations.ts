/**
 * @file `Expect:` of something other than 100-continue. Node answers 417 by itself, with no body and
 * before any hook; RFC 9110 lets a server pass over what it does not know, and so do we.
 */
import fp from 'fastify-plugin'

export const expectations = fp(async (app) => {
  app.server.on('checkExpectation', (request, response) =>
    app.server.emit('request', request, response),
  )
})
