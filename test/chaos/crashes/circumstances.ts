/**
 * @file How a run comes to pass each crash point: what its job is, what happened to it before, and what
 * is asked of it meanwhile. The table has every point, so a new one needs its row.
 */

import type { CrashPoint } from '../../../src/faults/crash-points.ts'
import type { TerminalStatus } from '../invariants.ts'

export const jobKinds = ['plain', 'large', 'team', 'child'] as const

/** `large`: weights of several chunks. `team`: two threads. `child`: starts from a checkpoint. */
export type JobKind = (typeof jobKinds)[number]

export interface Circumstance {
  readonly kind: JobKind
  /** Who dies: a worker, unless the API does, which is given the job. */
  readonly role?: 'worker' | 'api'
  /** A worker that had the job before was killed once there was a checkpoint. */
  readonly before?: Before
  /** What is asked once the job has made progress. */
  readonly ask?: 'stop' | 'pause' | 'cancel' | 'shutdown' | 'shutdown_and_stop'
  /** The message of the job is lost on its way to the queue. */
  readonly losesMessage?: true
  readonly ends: readonly TerminalStatus[]
}

/** `damaged`: its checkpoint was. `other_numerics`: it was of another version of the engine. */
type Before = 'interrupted' | 'damaged' | 'other_numerics' | 'asked_to_stop'

const succeeds = { ends: ['succeeded'] } as const
const plain: Circumstance = { kind: 'plain', ...succeeds }
const interrupted: Circumstance = { ...plain, before: 'interrupted' }
const damaged: Circumstance = { ...plain, before: 'damaged' }
const otherNumerics: Circumstance = { ...plain, before: 'other_numerics' }
const large: Circumstance = { ...plain, kind: 'large' }
const viaApi: Circumstance = { ...plain, role: 'api' }
const stopped: Circumstance = { ...plain, ask: 'stop' }
const paused: Circumstance = { ...plain, ask: 'pause' }
const cancelled: Circumstance = { ...plain, ask: 'cancel', ends: ['cancelled'] }
const shutDown: Circumstance = { ...plain, ask: 'shutdown' }
const stoppedLate: Circumstance = { ...plain, ask: 'shutdown_and_stop' }
const expiredStop: Circumstance = { ...plain, before: 'asked_to_stop' }
const unannounced: Circumstance = { ...plain, losesMessage: true }
const eachEnd = [plain, stopped, paused, cancelled, shutDown]

type LifePoint = Exclude<CrashPoint, `post_job.${string}` | `answer.${string}`>

export const circumstances: Readonly<Record<LifePoint, readonly Circumstance[]>> = {
  'relay.taken': [viaApi],
  'relay.sent': [viaApi],
  'relay.worked': [viaApi],
  'relay.commit_sent': [viaApi],
  'relay.committed': [viaApi],

  'run.message_received': [plain],
  'run.room_entered': [plain],
  'run.claimed': [plain, interrupted],
  'run.checkpoints_listed': [interrupted],
  'run.checkpoint_read': [interrupted],
  'run.resumed': [interrupted],
  'damaged.connected': [damaged],
  'damaged.begun': [damaged],
  'damaged.worked': [damaged],
  'damaged.commit_sent': [damaged],
  'damaged.committed': [damaged],
  'run.damaged_removed': [damaged],
  'start_over.connected': [otherNumerics],
  'start_over.begun': [otherNumerics],
  'start_over.worked': [otherNumerics],
  'start_over.commit_sent': [otherNumerics],
  'start_over.committed': [otherNumerics],
  'run.started_over': [otherNumerics],
  'run.seconds_counted': [plain, interrupted],
  'run.data_loaded': [plain],
  'run.first_weights_read': [{ ...plain, kind: 'child' }],

  'thread.started': [plain],
  'thread.data_ready': [plain],
  'thread.slice': [plain],
  'thread.following': [{ ...plain, kind: 'team' }],
  'thread.checkpoint_taken': [plain],
  'thread.trained': [plain],
  'thread.evaluated': [plain],
  'progress.writing': [plain],
  'progress.written': [plain],
  'lease.renewed': [plain],
  'intent.read': [plain],
  'intent.signalled': [stopped, paused, cancelled],

  'checkpoint.losses_flushed': [plain],
  'checkpoint.connected': [plain],
  'checkpoint.begun': [plain],
  'blob.begun': [plain],
  'blob.chunk_written': [plain, large],
  'blob.ended': [plain],
  'checkpoint.weights_written': [plain],
  'checkpoint.rest_written': [plain],
  'checkpoint.row_written': [plain],
  'checkpoint.worked': [plain],
  'checkpoint.commit_sent': [plain],
  'checkpoint.committed': [plain],
  'checkpoint.written': [plain],
  'prune.connected': [plain],
  'prune.begun': [plain],
  'prune.worked': [plain],
  'prune.commit_sent': [plain],
  'prune.committed': [plain],
  'checkpoint.pruned': [plain],

  'run.trained': eachEnd,
  'run.checkpoints_ended': eachEnd,
  'run.losses_ended': eachEnd,
  'end.recording': eachEnd,
  'end.losses_forgotten': [stopped],
  'end.run_ended': eachEnd,
  'end.succeeded_from_checkpoint': [stoppedLate],
  'end.recorded': eachEnd,
  'weights.connected': [large],
  'weights.begun': [large],
  'weights.chunk_written': [large],
  'weights.worked': [large],
  'weights.commit_sent': [large],
  'weights.committed': [large],

  'shutdown.released': [shutDown],
  'shutdown.queue_closed': [shutDown],
  'shutdown.ends_recorded': [shutDown],

  'reclaim.taken_back': [interrupted, expiredStop],
  'reclaim.worked': [interrupted, expiredStop],
  'reclaim.commit_sent': [interrupted, expiredStop],
  'reclaim.committed': [interrupted],
  'reconciler.reclaimed': [interrupted],
  'reconciler.counted': [unannounced],
  'reconciler.sent': [unannounced],
}

/** In CI: where the most can go wrong, each once. */
const shortPoints: ReadonlySet<LifePoint> = new Set([
  'relay.sent',
  'relay.commit_sent',
  'run.claimed',
  'run.resumed',
  'run.damaged_removed',
  'damaged.commit_sent',
  'start_over.commit_sent',
  'run.data_loaded',
  'thread.checkpoint_taken',
  'progress.written',
  'intent.signalled',
  'checkpoint.weights_written',
  'checkpoint.rest_written',
  'checkpoint.commit_sent',
  'prune.commit_sent',
  'run.losses_ended',
  'end.recording',
  'end.losses_forgotten',
  'end.run_ended',
  'end.succeeded_from_checkpoint',
  'weights.commit_sent',
  'shutdown.released',
  'reclaim.taken_back',
  'reconciler.sent',
])

export function shortSelection(point: LifePoint): readonly Circumstance[] {
  if (!shortPoints.has(point)) return []
  return point === 'end.recording' ? eachEnd : circumstances[point].slice(-1)
}

export const lifePoints = Object.keys(circumstances) as LifePoint[]
