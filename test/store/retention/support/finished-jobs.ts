/** @file Jobs with checkpoints, losses and events, that have ended as long ago as a test wants. */
import type { StatusReason } from '../../../../src/contract/jobs.ts'
import { useInitialWeights } from '../../../../src/store/initial-weights.ts'
import { collectBatch } from '../../../../src/store/retention/collect-batch.ts'
import type { Collected } from '../../../../src/store/retention/collected.ts'
import type { RetentionPolicy } from '../../../../src/store/retention/policy.ts'
import type { ClaimedJob } from '../../../../src/store/runs/claim-next.ts'
import type { Store } from '../../../../src/store/store.ts'
import { aCheckpoint, aNewJob, aQueuedJob, aWorker } from '../../support/seed.ts'

export interface Owner {
  readonly store: Store
  readonly projectId: string
  readonly dataset: string
}

export interface FinishedJob {
  readonly jobId: string
  readonly checkpoints: readonly string[]
}

const why: StatusReason = { code: 'loss_not_finite', message: 'at step 1' }

export async function aRunningJob({ store, projectId, dataset }: Owner): Promise<ClaimedJob> {
  const jobId = await aQueuedJob(store, projectId, dataset, { priority: 100 })
  const claim = await store.claimNext(aWorker)
  if (claim?.jobId !== jobId) throw new Error('Another job was claimed.')
  return claim
}

/** With a checkpoint of 5 bytes a step, a loss a step, and its six events or so. */
export async function aFinishedJob(
  owner: Owner,
  { daysAgo, steps = 2 }: { readonly daysAgo: number; readonly steps?: number },
): Promise<FinishedJob> {
  const { store } = owner
  const claim = await aRunningJob(owner)
  const checkpoints: string[] = []
  for (let step = 1; step <= steps; step++) {
    await store.writeProgress(claim, {
      progress: { step, steps, epoch: 0, epochs: 1, eta_seconds: null },
      points: [{ name: 'loss', step, value: 1 / step }],
    })
    checkpoints.push(await aCheckpoint(store, claim, step))
  }
  await store.finishRun(claim, { jobStatus: 'failed', runStatus: 'failed', reason: why })
  await endedDaysAgo(store, claim.jobId, daysAgo)
  return { jobId: claim.jobId, checkpoints }
}

export async function endedDaysAgo(store: Store, jobId: string, days: number): Promise<void> {
  for (const sql of [
    'UPDATE jobs SET ended_at = now() - make_interval(days => $2) WHERE id = $1',
    'UPDATE checkpoints SET created_at = now() - make_interval(days => $2) WHERE job_id = $1',
  ]) {
    await store.db.query(sql, [jobId, days])
  }
}

/** Waits in the queue, to begin with the weights of the job or its checkpoint. null: they were gone. */
export function startFrom(
  { store, projectId, dataset }: Owner,
  { jobId, checkpointId }: { readonly jobId: string; readonly checkpointId?: string | undefined },
): Promise<string | null> {
  return store
    .transaction(async (transaction) => {
      const job = aNewJob(dataset)
      await store.createJob(transaction, projectId, job, 1_000)
      const from = { job: jobId, checkpoint: checkpointId }
      if (!(await useInitialWeights(transaction, projectId, job.id, from))) throw new Gone()
      return job.id
    })
    .catch((error) => {
      if (error instanceof Gone) return null
      throw error
    })
}

class Gone extends Error {}

/** What one batch has removed. */
export function collectOnce(store: Store, policy: RetentionPolicy): Promise<Collected[]> {
  return store.transaction((transaction) => collectBatch(transaction, policy))
}

export async function collectAll(store: Store, policy: RetentionPolicy): Promise<Collected[]> {
  const all: Collected[] = []
  for (;;) {
    const batch = await collectOnce(store, policy)
    if (batch.length === 0) return all
    all.push(...batch)
  }
}

/** Of a kind, over all that was collected. */
export function amountOf(collected: readonly Collected[], kind: Collected['kind']) {
  const those = collected.filter((each) => each.kind === kind)
  return {
    rows: those.reduce((sum, { rows }) => sum + rows, 0),
    bytes: those.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
