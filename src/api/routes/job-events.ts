/** @file /v1/jobs/{id}/events: what happened, as a page of JSON or as a stream that goes on. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Gauge } from 'prom-client'
import { z } from 'zod'

import { EventPage, EventQuery } from '../../contract/events.ts'
import { isTerminal } from '../../contract/jobs.ts'
import { limitsOf, projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { findJob, jobParams } from '../find-job.ts'
import { historyCollectedAt } from '../history-collected-at.ts'
import { createHub } from '../streams/hub.ts'
import { lastEventIdOf, wantsStream } from '../streams/negotiate.ts'
import { openStream } from '../streams/open-stream.ts'
import type { StreamSlots } from '../streams/stream-slots.ts'

export interface JobEventRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store' | 'live'>
  readonly streamSlots: Pick<StreamSlots, 'take'>
  readonly openStreams: Pick<Gauge, 'inc' | 'dec'>
}

const page = { 'application/json': { schema: EventPage } }
const stream = {
  'text/event-stream': {
    schema: z.string().meta({ description: 'Events with `id`, `event` and `data`, as JSON.' }),
  },
}

export const jobEventRoutes: FastifyPluginAsyncZod<JobEventRoutesOptions> = async (
  app,
  { dependencies, streamSlots, openStreams },
) => {
  const { store, live } = dependencies
  const onError = (error: Error) => app.log.warn({ err: error }, 'event streams wait for events')
  const hub = createHub({ live, store, onError })
  // Streams never end by themselves, and the app closes when all answers are given.
  app.addHook('preClose', async () => hub.close())

  app.get(
    '/v1/jobs/:jobId/events',
    {
      config: {
        scope: 'jobs:read',
        headers: ['Last-Event-ID'],
        problems: ['job_not_found', 'too_many_streams'],
      },
      schema: {
        summary: 'Read the events of a job, or follow them as a stream',
        description:
          'JSON unless `Accept: text/event-stream`. A stream ends with the job, or after an hour. It goes on after `Last-Event-ID`, and answers 204 when the job has ended and nothing is new.',
        tags: ['jobs'],
        params: jobParams,
        querystring: EventQuery,
        response: { 200: { content: { ...page, ...stream } }, 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const projectId = projectIdOf(request)
      const job = await findJob(dependencies, projectId, request.params.jobId)
      const { after, limit } = request.query
      if (wantsStream(request)) {
        const afterSeq = lastEventIdOf(request) ?? after
        if (isTerminal(job.status) && afterSeq >= job.eventSeq) return reply.code(204).send()
        const release = streamSlots.take(projectId, limitsOf(request).event_streams)
        openStreams.inc()
        openStream({
          hub,
          reply,
          jobId: job.id,
          afterSeq,
          onClose: () => {
            release()
            openStreams.dec()
          },
        })
        return reply
      }
      const events = await store.readEvents(job.id, after, limit + 1)
      const data = events.slice(0, limit)
      return {
        object: 'list' as const,
        data,
        has_more: events.length > limit,
        last_seq: data.at(-1)?.seq ?? null,
        collected_at: (await historyCollectedAt(dependencies, job))?.toISOString() ?? null,
      }
    },
  )
}
