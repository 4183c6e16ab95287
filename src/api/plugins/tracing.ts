/**
 * @file A span for each request, in the trace of its client where that sends a W3C traceparent. What a
 * job does later hangs below the span of its POST. It tells the route and ids that are ours, never the
 * path itself: what a client writes there by mistake may be a key.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

import { JobId } from '../../contract/ids.ts'
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

  app.addHook('onRequest', async (request, reply) => {
    const { url: route } = request.routeOptions
    if (route && untraced.has(route)) return
    const { traceparent } = request.headers
    const span = tracer.start(route ? `${request.method} ${route}` : request.method, {
      kind: 'server',
      parent: typeof traceparent === 'string' ? traceparent : null,
      attributes: {
        'http.request.method': request.method,
        'url.scheme': request.protocol,
        ...(route && { 'http.route': route }),
        'trainyard.request.id': request.id,
      },
    })
    request.span = span
    // Not onResponse: that is for whole answers, not for those cut off, nor for event streams.
    reply.raw.once('close', () => endSpan(span, request, reply))
  })
})

function endSpan(span: Span, { caller, params }: FastifyRequest, reply: FastifyReply): void {
  const { raw, statusCode, sent } = reply
  const { jobId } = Object(params)
  if (caller?.projectId) span.set({ 'trainyard.project.id': caller.projectId })
  if (JobId.safeParse(jobId).success) span.set({ 'trainyard.job.id': jobId })
  const isStream = sent && !raw.writableEnded // streams/take-connection.ts writes past it
  if (raw.writableFinished || isStream) {
    span.set({ 'http.response.status_code': statusCode })
    if (statusCode >= 500) span.fail(String(statusCode))
  } else {
    span.fail('cut_off')
  }
  span.end()
}
