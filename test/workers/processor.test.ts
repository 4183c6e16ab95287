import { expect, test } from 'vitest'

import type { JobStatus } from '../../src/contract/jobs.ts'
import { noTracer } from '../../src/contract/tracing.ts'
import type { ClaimedJob } from '../../src/store/runs/claim-next.ts'
import type { RunEnd } from '../../src/store/runs/finish-runs.ts'
import { unseen } from '../../src/workers/observed-run.ts'
import { createProcessor, type ProcessorOptions } from '../../src/workers/processor.ts'
import type { Log } from '../../src/workers/worker-parts.ts'
import { aPlan } from '../store/support/seed.ts'

const job = {
  jobId: 'job_1',
  runId: 'run_1',
  fence: 2,
  attempt: 2,
  intent: 'none',
  numericsVersion: 1,
  plan: aPlan,
} as ClaimedJob

type FinishRun = (run: unknown, end: RunEnd) => Promise<JobStatus | null>

/** A run of a job whose checkpoints cannot be read, and what the log says of its end. */
async function endAfter(error: Error, finish: FinishRun = async () => 'queued') {
  let recorded: RunEnd | undefined
  const said: object[] = []
  const log: Log = {
    ...unseen.log,
    info: (fields, message) => {
      if (message === 'run ended') said.push(fields)
    },
    child: () => log,
  }
  const processor = createProcessor({
    store: {
      claimNext: async () => job,
      countSeconds: async () => 10,
      readResumable: () => Promise.reject(error),
      finishRun(run: unknown, end: RunEnd) {
        recorded = end
        return finish(run, end)
      },
    },
    pool: { threads: 1, memoryBytes: 1e9 },
    leases: { keep() {}, forget() {} },
    live: { publish() {} },
    relay: { wake() {} },
    log,
    tracer: noTracer,
    leaseSeconds: 30,
    numericsVersion: 1,
    limits: { jobs_running: 1_000, threads: 1_000, job_seconds: 3_600 },
    ring: async () => {},
  } as unknown as ProcessorOptions)
  await processor.process()
  await processor.idle()
  return { recorded, said }
}

test('a run that finds Postgres away gives its job back, and that is no crash', async () => {
  const { recorded: end } = await endAfter(
    Object.assign(new Error('away'), { code: 'ECONNREFUSED' }),
  )

  expect(end).toMatchObject({
    jobStatus: 'queued',
    runStatus: 'released',
    reason: { code: 'database_unavailable' },
  })
  expect(end?.crashed).toBeUndefined()
})

test('whatever else breaks a run counts as a crash', async () => {
  const { recorded } = await endAfter(new Error('a defect'))
  expect(recorded).toMatchObject({ crashed: true })
})

const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })

test('the log tells of the end that was recorded, and not of the one that was meant', async () => {
  expect((await endAfter(away)).said).toEqual([
    { status: 'released', reason: 'database_unavailable' },
  ])
  expect((await endAfter(away, async () => null)).said).toEqual([{ status: 'lost' }])
  expect((await endAfter(away, async () => 'cancelled')).said).toEqual([{ status: 'cancelled' }])

  const refusing: FinishRun = async (_run, { crashed }) => {
    if (!crashed) throw new Error('a value that Postgres refuses')
    return 'queued'
  }
  expect((await endAfter(away, refusing)).said).toEqual([
    { status: 'crashed', reason: 'thread_crashed' },
  ])
})
