/** @file The answer to a POST whose client prefers to wait: the job as it is when it has ended. */
import type { FastifyReply, FastifyRequest } from 'fastify'

import { isTerminal, type Job } from '../contract/jobs.ts'
import type { RememberedAnswer } from '../store/idempotency.ts'
import type { ApiDependencies } from './dependencies.ts'
import type { IdempotentExchange } from './idempotency.ts'
import { preferredWaitSeconds } from './prefer-wait.ts'
import { waitForEnd } from './streams/wait-for-end.ts'

/** Returns what to do with an answer before it is sent, or undefined when there is nothing to do. */
export function whenItHasEnded(
  dependencies: Pick<ApiDependencies, 'store' | 'live'>,
  request: FastifyRequest,
  reply: FastifyReply,
  present: (jobId: string) => Promise<Job>,
): IdempotentExchange['complete'] {
  const seconds = preferredWaitSeconds(request)
  if (seconds === null) return undefined

  return async (answer: RememberedAnswer) => {
    if (!('id' in answer.body) || typeof answer.body.id !== 'string') return answer
    const jobId = answer.body.id
    const gone = new AbortController()
    const leave = () => gone.abort()
    reply.raw.once('close', leave)
    let latest: Job | undefined
    const hasEnded = async () => {
      latest = await present(jobId)
      return isTerminal(latest.status)
    }
    const isNew = !answer.replayed
    await waitForEnd({ dependencies, jobId, seconds, hasEnded, isNew, signal: gone.signal })
    reply.raw.off('close', leave)
    reply.header('preference-applied', `wait=${seconds}`)
    // The job was accepted: whatever happens now, the client is told so.
    const ended = latest && isTerminal(latest.status) ? latest : null
    const body = ended ?? (await present(jobId).catch(() => null))
    if (body === null) return answer
    return { status: isTerminal(body.status) ? 200 : 202, body }
  }
}
