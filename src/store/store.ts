/**
 * @file The store: Postgres, as the rest of the program sees it. Only this folder imports Prisma,
 * and only here is SQL written.
 *
 * Every function about a project's things takes the project's id first, or the id of a job that
 * the caller has already found in the project. Writes that must happen together are given a
 * transaction by `answerOnce` or `transaction`.
 */
import type { JobStatus } from '../contract/jobs.ts'
import type { InitFrom } from '../contract/spec/spec.ts'
import type { Limits } from '../contract/tenancy.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { advisoryLocks } from './advisory-locks.ts'
import { type BlobRange, readBlob, readBlobIntoSharedMemory } from './blobs/read-blob.ts'
import { createCheckpointReader } from './checkpoints/read-checkpoints.ts'
import { pruneCheckpoints, removeDamagedCheckpoint } from './checkpoints/remove-checkpoints.ts'
import { readChecked, readResumable, type StoredBlob } from './checkpoints/resumable-checkpoints.ts'
import {
  type CheckpointOwner,
  type NewCheckpoint,
  writeCheckpoint,
} from './checkpoints/write-checkpoint.ts'
import { connectionsOf } from './connections.ts'
import { createDatasetReader } from './datasets.ts'
import { readEvents, readLastSeqs } from './events/read-events.ts'
import { gather } from './gather.ts'
import {
  type Answer,
  type AnswerOptions,
  createAnswerOnce,
  type IdempotencyKey,
} from './idempotency.ts'
import { createInTurn } from './in-turn.ts'
import { findInitialWeights } from './initial-weights.ts'
import { createJobCreator } from './jobs/create-job.ts'
import { type JobName, readJobs } from './jobs/read-job.ts'
import { createJobReader } from './jobs/read-jobs.ts'
import { readStatuses } from './jobs/read-status.ts'
import { succeedFromCheckpoint } from './jobs/succeed-from-checkpoint.ts'
import { createApiKeyReader, touchApiKeys } from './keys/api-keys.ts'
import { createFullKey, ensureFirstKey } from './keys/first-key.ts'
import { asLeader } from './leader.ts'
import { type LossFilter, readLosses } from './losses.ts'
import { countClaimable, drainOutbox } from './outbox.ts'
import { closePool, createPool, type PoolOptions, usageOf } from './pool.ts'
import { createPrisma } from './prisma.ts'
import { createProjectReader } from './projects.ts'
import { collectBatch } from './retention/collect-batch.ts'
import type { RetentionPolicy } from './retention/policy.ts'
import { type Claim, type ClaimOptions, claimNext } from './runs/claim-next.ts'
import { countSeconds } from './runs/count-seconds.ts'
import { createFinishRun } from './runs/finish-run.ts'
import type { RunEnd } from './runs/finish-runs.ts'
import { forgetLossesAfter } from './runs/forget-losses.ts'
import { readRunEnd } from './runs/read-run-end.ts'
import { reclaimExpired } from './runs/reclaim-expired.ts'
import { type HeldClaim, readIntents, renewLeases } from './runs/renew-leases.ts'
import { resumeRun } from './runs/resume-run.ts'
import { startOver } from './runs/start-over.ts'
import { type RunProgress, writeProgress } from './runs/write-progress.ts'
import { inTransaction, type Queryable } from './transaction.ts'
import { countKeptJobs, countResultBytes, readUsage } from './usage.ts'
import { createWeightsReader } from './weights.ts'
import { forgetWorker, removeGoneWorkers, reportWorker, type WorkerReport } from './workers.ts'

export type Store = ReturnType<typeof createStore>

export interface StoreOptions
  extends Omit<PoolOptions, 'statementTimeoutMs' | 'idleInTransactionMs'> {
  /** Of requests. */
  readonly maxConnections: number
  /** Each holds a connection, of its own. */
  readonly maxUploads: number
  /** Of this process's collector; everything is kept unless it is given. */
  readonly retention?: RetentionPolicy
}

const keepEverything: RetentionPolicy = { checkpointDays: null, historyDays: null }

/** Milliseconds as a rule. A request to a hung Postgres fails in 6 s, or 11 s with no connection free. */
const requestStatementMs = 5_000
/** A chunk of a blob on a slow disk may take seconds, the removal of a thousand of them more. */
const bulkStatementMs = 30_000

/** An upload's transaction waits for its client's next bytes; see let-transaction-wait.ts. */
const requestIdleMs = 60_000
/**
 * A worker that hangs in the middle of a transaction keeps its job's row locked, or the place of the
 * reconciler, until this is over: shorter than any lease, or nobody could take its jobs over in time.
 */
const runIdleMs = 5_000

export interface TransactionOptions {
  /** It moves or removes what may be large: its statements may take longer. */
  readonly isBulk?: boolean | undefined
}

async function reclaimAsLeader(transaction: Queryable): Promise<string[]> {
  await removeGoneWorkers(transaction)
  return reclaimExpired(transaction)
}

export function createStore({ maxUploads, retention = keepEverything, ...options }: StoreOptions) {
  let closing = false
  // A Postgres that stops while the last connections close has nothing to complain about.
  const onError = (error: Error) => {
    if (!closing) options.onError(error)
  }
  const poolOf = (
    maxConnections: number,
    statementTimeoutMs: number,
    idleInTransactionMs: number,
  ) => createPool({ ...options, onError, maxConnections, statementTimeoutMs, idleInTransactionMs })
  const pool = poolOf(options.maxConnections, requestStatementMs, requestIdleMs)
  const bulkPool = poolOf(maxUploads + connectionsOf.bulk, bulkStatementMs, requestIdleMs)
  // Leases must not wait behind requests: a worker that cannot renew loses its jobs.
  const runPool = poolOf(connectionsOf.runs, bulkStatementMs, runIdleMs)
  const resultPool = poolOf(connectionsOf.results, bulkStatementMs, runIdleMs)
  const checkpointPool = poolOf(connectionsOf.checkpoints, bulkStatementMs, runIdleMs)
  const inTurn = createInTurn(connectionsOf.checkpoints)
  const prisma = createPrisma(pool)

  const claimAny = gather((claims: readonly ClaimOptions[]) => claimNext(runPool, claims))
  const claimShort = gather((claims: readonly ClaimOptions[]) => claimNext(runPool, claims))
  const findJob = gather((names: readonly JobName[]) => readJobs(pool, names))

  const answerOnce = createAnswerOnce()
  const finishRun = createFinishRun({ runPool, resultPool })
  return {
    /** For single statements outside a transaction. */
    db: pool as Queryable,
    projects: createProjectReader(prisma),
    apiKeys: createApiKeyReader(prisma),
    datasets: createDatasetReader(prisma),
    jobs: {
      ...createJobReader(prisma),
      find: (projectId: string, jobId: string) => findJob({ projectId, jobId }),
    },
    weights: createWeightsReader(prisma),
    checkpoints: createCheckpointReader(prisma),

    transaction: <T>(
      work: (transaction: Queryable) => Promise<T>,
      { isBulk = false }: TransactionOptions = {},
    ) => inTransaction(isBulk ? bulkPool : pool, work),
    answerOnce: (
      key: IdempotencyKey | null,
      work: (transaction: Queryable) => Promise<Answer>,
      requestHash: (transaction: Queryable) => string | Promise<string>,
      { isBulk = false, ...options }: AnswerOptions & TransactionOptions = {},
    ) => answerOnce(isBulk ? bulkPool : pool, key, work, requestHash, options),

    /** In a transaction, or on `db`: then those of one moment go in one statement. */
    createJob: createJobCreator(pool),

    readEvents: (jobId: string, afterSeq: number, limit: number) =>
      readEvents(pool, jobId, afterSeq, limit),
    readLastSeqs: (jobIds: readonly string[]) => readLastSeqs(pool, jobIds),
    readLosses: (jobId: string, filter: LossFilter) => readLosses(pool, jobId, filter),
    readBlob: (blobId: string, range: BlobRange) => readBlob(bulkPool, blobId, range),
    readBlobIntoSharedMemory: (blobId: string, bytes: number, onPiece?: () => void) =>
      readBlobIntoSharedMemory(bulkPool, blobId, bytes, onPiece),

    /** Returns null when there is nothing that this worker could run now. */
    claimNext: (claim: ClaimOptions) =>
      claim.maxSeconds === null ? claimAny(claim) : claimShort(claim),
    renewLeases: (claims: readonly Claim[], leaseSeconds: number): Promise<HeldClaim[]> =>
      renewLeases(runPool, claims, leaseSeconds),
    readIntents: (claims: readonly Claim[]): Promise<HeldClaim[]> => readIntents(runPool, claims),
    writeProgress: (claim: Claim, progress: RunProgress): Promise<boolean> =>
      writeProgress(runPool, claim, progress),
    /** An end that is recorded twice, since the first answer was lost, is the same both times. */
    async finishRun(claim: Claim, end: RunEnd): Promise<JobStatus | null> {
      if (end.lastStep !== undefined) {
        await forgetLossesAfter(runPool, claim, end.lastStep)
        crashPoint('end.losses_forgotten')
      }
      const status = (await finishRun(claim, end)) ?? (await readRunEnd(runPool, claim, end))
      crashPoint('end.run_ended')
      if (status !== 'queued') return status
      // It goes back although it was asked to stop: then its checkpoint is the result.
      const hasSucceeded = await succeedFromCheckpoint(runPool, claim.jobId)
      if (hasSucceeded) crashPoint('end.succeeded_from_checkpoint')
      return hasSucceeded ? 'succeeded' : status
    },

    startOver: (claim: Claim, numericsVersion: number, why?: string): Promise<boolean> =>
      startOver(runPool, claim, numericsVersion, why),

    writeCheckpoint: (owner: CheckpointOwner, checkpoint: NewCheckpoint, isWanted: () => boolean) =>
      inTurn(() => writeCheckpoint(checkpointPool, owner, checkpoint, isWanted)),
    pruneCheckpoints: (claim: Claim) => inTurn(() => pruneCheckpoints(checkpointPool, claim)),
    readResumable: (jobId: string) => readResumable(runPool, jobId),
    findInitialWeights: (projectId: string, name: InitFrom) =>
      findInitialWeights(runPool, projectId, name),
    readChecked: (blob: StoredBlob, onPiece?: () => void) => readChecked(bulkPool, blob, onPiece),
    removeDamagedCheckpoint: (claim: Claim, checkpoint: { id: string; step: number }) =>
      removeDamagedCheckpoint(runPool, claim, checkpoint),
    resumeRun: (claim: Claim, from: { step: number; epoch: number }): Promise<boolean> =>
      resumeRun(runPool, claim, from),

    readUsage: (projectId: string) => readUsage(pool, projectId),
    /**
     * Asked inside a request's transaction, so never of the requests' own connections: as many requests as
     * there are would each hold one and wait for another.
     */
    countResultBytes: (projectId: string) => countResultBytes(bulkPool, projectId),
    countKeptJobs: (projectId: string) => countKeptJobs(bulkPool, projectId),

    /** Whoever hangs in the middle lets its messages go as soon as a run would: others wait for them. */
    drainOutbox: (limit: number, send: (count: number) => Promise<void>) =>
      drainOutbox(runPool, limit, send),
    countClaimable: (limits: Pick<Limits, 'jobs_running' | 'threads'>) =>
      countClaimable(pool, limits),
    /** How long earlier runs of a job have trained. */
    countSeconds: (jobId: string) => countSeconds(runPool, jobId),
    reportWorker: (report: WorkerReport) => reportWorker(runPool, report),
    forgetWorker: (id: string) => forgetWorker(runPool, id),
    /** Returns the ids of jobs taken back, or null when another process is the reconciler. */
    reclaimExpiredAsLeader: () =>
      asLeader(runPool, advisoryLocks.reconciler, reclaimAsLeader, (ids) =>
        ids?.length ? 'reclaim' : null,
      ),
    /** A batch of what the policy lets go; null when another process is the collector. */
    collectAsLeader: () =>
      asLeader(bulkPool, advisoryLocks.collector, (transaction) =>
        collectBatch(transaction, retention),
      ),

    touchApiKeys: (ids: readonly string[]) => touchApiKeys(pool, ids),
    ensureFirstKey: (adminKey: string | null) => ensureFirstKey(pool, adminKey),
    createFullKey: () => createFullKey(pool),

    readStatus: gather((jobIds: readonly string[]) => readStatuses(pool, jobIds)),

    /** Connections by what they are for, and how many callers wait for one: a sign of overload. */
    connections: () => ({
      requests: usageOf(pool),
      bulk: usageOf(bulkPool),
      runs: usageOf(runPool),
      results: usageOf(resultPool),
      checkpoints: usageOf(checkpointPool),
    }),

    async close(): Promise<void> {
      closing = true
      await prisma.$disconnect()
      await Promise.all([pool, bulkPool, runPool, resultPool, checkpointPool].map(closePool))
    },
  }
}
