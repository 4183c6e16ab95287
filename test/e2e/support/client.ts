/** @file Plain HTTP against a started program. Answers are held to the contract's schemas. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { z } from 'zod'

import { type Checkpoint, CheckpointPage } from '../../../src/contract/checkpoints.ts'
import { Dataset } from '../../../src/contract/datasets.ts'
import { isTerminal, Job, type Run, RunPage } from '../../../src/contract/jobs.ts'
import { LossSeries } from '../../../src/contract/losses.ts'

export interface Client {
  /** The answer as it is. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  get<T>(schema: z.ZodType<T>, path: string): Promise<T>
  post<T>(schema: z.ZodType<T>, path: string, body: object): Promise<T>
  /** The id of the dataset. */
  upload(csv: string): Promise<string>
  createJob(spec: object): Promise<Job>
  runs(jobId: string): Promise<Run[]>
  /** Looks every 20 ms, and fails with the job where it does not come true in time. */
  jobWhen(jobId: string, isTrue: (job: Job) => boolean, withinMs?: number): Promise<Job>
  jobEnded(jobId: string, withinMs?: number): Promise<Job>
  /** Once there is one; the latest first. */
  checkpoints(jobId: string): Promise<Checkpoint[]>
  /** Every point of every series. */
  losses(jobId: string): Promise<LossSeries['series']>
  /** SHA-256 of what is downloaded, as hex digits. */
  weightsHash(jobId: string): Promise<string>
}

export function createClient({ url, key }: { url: string; key: string | null }): Client {
  function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    return fetch(`${url}${path}`, { ...init, headers })
  }

  async function answer<T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<T> {
    const response = await request(path, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} from ${path}: ${text}`)
    return schema.parse(JSON.parse(text))
  }

  function post<T>(schema: z.ZodType<T>, path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' }
    return answer(schema, path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  async function jobWhen(jobId: string, isTrue: (job: Job) => boolean, withinMs = 60_000) {
    const deadline = Date.now() + withinMs
    for (;;) {
      const job = await answer(Job, `/v1/jobs/${jobId}`)
      if (isTrue(job)) return job
      if (Date.now() > deadline) {
        throw new Error(`Not within ${withinMs} ms: the job is ${JSON.stringify(job, null, 2)}`)
      }
      await sleep(20)
    }
  }

  async function checkpoints(jobId: string): Promise<Checkpoint[]> {
    for (;;) {
      const { data } = await answer(CheckpointPage, `/v1/jobs/${jobId}/checkpoints`)
      if (data.length > 0) return data
      const { status } = await answer(Job, `/v1/jobs/${jobId}`)
      if (isTerminal(status)) throw new Error(`Job ${jobId} has ended without a checkpoint.`)
      await sleep(20)
    }
  }

  return {
    fetch: request,
    get: answer,
    post,
    async upload(csv) {
      const headers = { 'content-type': 'text/csv' }
      const init = { method: 'POST', headers, body: csv }
      return (await answer(Dataset, '/v1/datasets', init)).id
    },
    createJob: (spec) => post(Job, '/v1/jobs', spec),
    runs: async (jobId) => (await answer(RunPage, `/v1/jobs/${jobId}/runs`)).data,
    jobWhen,
    checkpoints,
    losses: async (jobId) =>
      (await answer(LossSeries, `/v1/jobs/${jobId}/losses?max_points=10000`)).series,
    jobEnded: (jobId, withinMs) => jobWhen(jobId, ({ status }) => isTerminal(status), withinMs),
    async weightsHash(jobId) {
      const response = await request(`/v1/jobs/${jobId}/weights`)
      return createHash('sha256')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest('hex')
    },
  }
}
