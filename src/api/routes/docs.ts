/** @file The documentation, served by the service itself: /openapi.json, /docs, /docs/errors. */
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsync } from 'fastify'

import { renderErrorPage } from '../openapi/error-page.ts'

/** Swagger UI loads from here and nowhere else, and runs nothing that stands in a page. */
const uiPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

export const docsRoutes: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true }
    route.schema = { ...route.schema, hide: true }
  })

  let document: string | undefined
  app.get('/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json').send(document)
  })

  // Until there is a dashboard.
  app.get('/', async (_request, reply) => reply.redirect('/docs', 302))

  const errorPage = renderErrorPage()
  app.get('/docs/errors', async (_request, reply) =>
    reply
      .header('content-security-policy', errorPage.policy)
      .type('text/html')
      .send(errorPage.html),
  )

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: uiPolicy,
    theme: { title: 'Trainyard API' },
    uiConfig: { layout: 'BaseLayout', deepLinking: true },
  })
}
