/** @file Headers that keep a browser from doing anything with an answer but showing it. */
import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'

export const securityHeaders = fp(async (app) => {
  await app.register(helmet, {
    // Answers are data. The pages of routes/docs.ts say themselves what more they need.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    // Whoever terminates TLS in front knows whether plain HTTP is over.
    strictTransportSecurity: false,
  })
})
