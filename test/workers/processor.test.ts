import { expect, test } from 'vitest'

import { noTracer } from '../../src/contract/tracing.ts'
import type { ClaimedJob } from '../../src/store/runs/claim-next.ts'
import type { RunEnd } from '../../src/store/runs/finish-runs.ts'
import { unseen } from '../../src/workers/observed-run.ts'
import { createProcessor, type ProcessorOptions } from '../../src/workers/processor.ts'
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

/** How the run of a job ends whose checkpoints cannot be read. */
async function endAfter(error: Error): Promise<RunEnd | undefined> {
  let recorded: RunEnd | undefined
  const processor = createProcessor({
    store: {
      claimNext: async () => job,
      countSeconds: async () => 10,
      readResumable: () => Promise.reject(error),
      async finishRun(_run: unknown, end: RunEnd) {
        recorded = end
        return 'queued'
      },
    },
    pool: { threads: 1, memoryBytes: 1e9 },
    leases: { keep() {}, forget() {} },
    live: { publish() {} },
    relay: { wake() {} },
    log: unseen.log,
    tracer: noTracer,
    leaseSeconds: 30,
    numericsVersion: 1,
    limits: { jobs_running: 1_000, threads: 1_000, job_seconds: 3_600 },
    ring: async () => {},
  } as unknown as ProcessorOptions)
  await processor.process()
  await processor.idle()
  return recorded
}

test('a run that finds Postgres away gives its job back, and that is no crash', async () => {
  const end = await endAfter(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }))

  expect(end).toMatchObject({
    jobStatus: 'queued',
    runStatus: 'released',
    reason: { code: 'database_unavailable' },
  })
  expect(end?.crashed).toBeUndefined()
})

test('whatever else breaks a run counts as a crash', async () => {
  expect(await endAfter(new Error('a defect'))).toMatchObject({ crashed: true })
})
