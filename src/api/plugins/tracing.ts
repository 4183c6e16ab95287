/**
 * @file A span for each request, in the trace of its client where that sends a W3C traceparent. What a
 * job does later hangs below the span of its POST.
 */
import fp from 'fastify-plugin'

import type { Span, Tracer } from '../../contract/tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** null when nothing is traced. */
    span: Span | null
  }
}

/** Asked all day by probes and by Prometheus. */
const untraced = new Set(['/livez', '/readyz', '/metrics'])

export const tracing = fp<{ readonly tracer: Tracer }>(async (app, { tracer }) => {
  app.decorateRequest('span', null)
  if (!tracer.isOn) return

  app.addHook('onRequest', async (request) => {
    const { url: route } = request.routeOptions
    if (route && untraced.has(route)) return
    const { traceparent } = request.headers
    request.span = tracer.start(route ? `${request.method} ${route}` : request.method, {
      kind: 'server',
      parent: typeof traceparent === 'string' ? traceparent : null,
      attributes: {
        'http.request.method': request.method,
        'url.scheme': request.protocol,
        'url.path': request.url.split('?')[0].slice(0, 1_000),
        ...(route && { 'http.route': route }),
        'trainyard.request.id': request.id,
      },
    })
  })

  app.addHook('onResponse', async ({ span, caller }, { statusCode }) => {
    if (!span) return
    span.set({ 'http.response.status_code': statusCode })
    if (caller?.projectId) span.set({ 'trainyard.project.id': caller.projectId })
    if (statusCode >= 500) span.fail(String(statusCode))
    span.end()
  })
})
