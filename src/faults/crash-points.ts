/**
 * @file Where a process can be made to die: every await of POST /v1/jobs and of a run's life, by name.
 *
 * A name says what has just happened. Those of a transaction are its scope with each of its moments;
 * a transaction that says no scope has none.
 */

/** Transactions whose moments are crash points: `commit_sent` is when Postgres commits and nobody hears of it. */
export const transactionScopes = [
  /** Of a request that changes something: its effect and its Idempotency-Key. */
  'answer',
  'checkpoint',
  'prune',
  /** A run's end whose weights take more than one chunk. */
  'weights',
  'start_over',
  'damaged',
] as const

/** Those that look for work by themselves: their moments count where they found some. */
export const pollingScopes = [
  /** Messages go from the outbox to the queue. */
  'relay',
  /** The reconciler takes back what expired. */
  'reclaim',
] as const

export type TransactionScope = (typeof transactionScopes)[number]
export type PollingScope = (typeof pollingScopes)[number]

const firstMoments = ['connected', 'begun'] as const
const lastMoments = ['worked', 'commit_sent', 'committed'] as const

type TransactionPoint =
  | `${TransactionScope}.${(typeof firstMoments)[number]}`
  | `${TransactionScope | PollingScope}.${(typeof lastMoments)[number]}`

/** Where a thread passes: there it can throw or exit, and its process lives on. */
export const threadPoints = [
  'thread.started',
  'thread.data_ready',
  'thread.slice',
  'thread.checkpoint_taken',
  'thread.trained',
  'thread.evaluated',
  'thread.following',
] as const

const otherPoints = [
  'post_job.authenticated',
  'post_job.received',
  'post_job.rows_read',
  'post_job.dataset_found',
  'post_job.admitted',
  'post_job.result_reserved',
  'post_job.created',
  'post_job.first_weights_kept',

  'answer.key_locked',
  'answer.old_key_removed',
  'answer.key_looked_up',
  'answer.key_counted',
  'answer.key_written',
  'answer.rung',
  'answer.completed',
  'answer.sent',

  'relay.taken',
  'relay.sent',

  'run.message_received',
  'run.room_entered',
  'run.claimed',
  'run.started_over',
  'run.seconds_counted',
  'run.checkpoints_listed',
  'run.checkpoint_read',
  'run.damaged_removed',
  'run.resumed',
  'run.data_loaded',
  'run.first_weights_read',
  'run.trained',
  'run.checkpoints_ended',
  'run.losses_ended',

  'progress.writing',
  'progress.written',
  'lease.renewed',
  'intent.read',
  'intent.signalled',

  'checkpoint.losses_flushed',
  'checkpoint.weights_written',
  'checkpoint.rest_written',
  'checkpoint.row_written',
  'checkpoint.written',
  'checkpoint.pruned',

  'blob.begun',
  'blob.chunk_written',
  'blob.ended',

  'weights.chunk_written',

  'end.recording',
  'end.losses_forgotten',
  'end.run_ended',
  'end.succeeded_from_checkpoint',
  'end.recorded',

  'shutdown.released',
  'shutdown.queue_closed',
  'shutdown.ends_recorded',

  'reclaim.taken_back',
  'reconciler.reclaimed',
  'reconciler.counted',
  'reconciler.sent',
] as const

export type CrashPoint =
  | TransactionPoint
  | (typeof threadPoints)[number]
  | (typeof otherPoints)[number]

export const crashPoints: readonly CrashPoint[] = [
  ...transactionScopes.flatMap((scope) =>
    firstMoments.map((moment) => `${scope}.${moment}` as const),
  ),
  ...[...transactionScopes, ...pollingScopes].flatMap((scope) =>
    lastMoments.map((moment) => `${scope}.${moment}` as const),
  ),
  ...threadPoints,
  ...otherPoints,
]
