/**
 * @file A trainer: a plan, its data and its memory, and the seam to whoever runs it.
 *
 * It computes nothing until asked for some units of work, so the caller decides when to report,
 * snapshot or stop, and the engine needs no callbacks, timers or signals of its own.
 */
import { EngineError } from '../errors.ts'
import { type OpenedMemory, referenceBackend } from '../kernels/backend.ts'
import type { NamedTensors } from '../tensor.ts'
import { advance, finish, type MetricPoint, reportLoss } from './advance.ts'
import { type BoundJob, bindJob } from './bind-job.ts'
import { checkData, type TrainingData } from './data.ts'
import { maxUnitsAtOnce, orders } from './follower.ts'
import { initializeParameters } from './initialize-parameters.ts'
import { viewsInArena } from './parameter-arena.ts'
import type { TrainingPlan } from './plan.ts'
import { createPulse } from './pulse.ts'
import {
  copyState,
  copyWeights,
  loadWeights,
  restoreSnapshot,
  type Snapshot,
  takeSnapshot,
} from './snapshot.ts'
import { encodeSnapshot, type SnapshotFiles } from './snapshot-files.ts'
import { type BestEpoch, initialState, type TrainerState } from './state.ts'

export interface TrainerOptions {
  readonly training: TrainingData
  /** Needed where the plan has validation rows. */
  readonly validation?: TrainingData
  /** Kernels on a memory of at least plan.memoryBytes; the reference table when not given. */
  readonly opened?: OpenedMemory
  /** Asked before every layer. True abandons the step that is being computed. */
  readonly aborted?: () => boolean
  /** Its first element counts the layers computed: a sign of life for another thread to watch. */
  readonly progress?: Int32Array
  /**
   * Told why the steps are not compiled, where they would be: training goes on, to the same bits, and
   * takes longer. Thrown where this is not given, so that no test passes over it.
   */
  readonly onUncompiled?: (error: unknown) => void
}

export interface Trainer {
  /**
   * Does up to `maxUnits` units of work, each a training step or a validation batch. Throws
   * `loss_not_finite` once the points before it have been handed over.
   */
  run(maxUnits: number): TrainingReport
  /** Ends training now, as if there were no more steps, and hands over the last points. */
  stop(): TrainingReport
  snapshot(): Snapshot
  /** The same as files, with `metadata` in the header of the weights. */
  snapshotFiles(metadata: Readonly<Record<string, string>>): SnapshotFiles<ArrayBuffer>
  /** Throws `snapshot_mismatch`, having changed nothing, for a snapshot of another plan. */
  restore(snapshot: Snapshot): void
  /** Before the first step: begins with these parameters. Throws `weights_mismatch`. */
  load(weights: NamedTensors): void
  /** Copies of the parameters, by name. */
  weights(): NamedTensors
  /** Lets the threads go that follow this one. Nothing can be run after it. */
  dismiss(): void
  /** A copy of where training stands, beside its tensors: what threads that follow start from. */
  readonly state: TrainerState
  readonly step: number
  readonly epoch: number
}

export interface TrainingReport {
  readonly finished: boolean
  /** Early stopping ended it. */
  readonly stoppedEarly: boolean
  /** `aborted()` said so; everything is as after the last whole unit. */
  readonly aborted: boolean
  readonly points: readonly MetricPoint[]
  readonly step: number
  readonly epoch: number
  /** The best epoch so far by the monitored metric; null without early stopping. */
  readonly best: BestEpoch | null
}

export function createTrainer(plan: TrainingPlan, options: TrainerOptions): Trainer {
  checkAllData(plan, options)
  const opened = options.opened ?? referenceBackend.open(plan.memoryBytes)
  const { team } = opened
  const job = bindJob(plan, {
    ...opened,
    training: options.training,
    validation: options.validation ?? null,
    pulse: createPulse(team, options),
    onUncompiled: options.onUncompiled,
  })
  initializeTensors(job)
  let state = initialState(plan.details.options.optimizer.factors.length)
  /** Thrown again by every call after the one that met it. */
  let failure: EngineError | null = null

  const attempt = (work: (points: MetricPoint[]) => void): TrainingReport => {
    const points: MetricPoint[] = []
    try {
      work(points)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.code === 'aborted') return reportOf(state, points, true)
      failure = error
      reportLoss(state, points)
      if (points.length === 0) throw error
    }
    return reportOf(state, points, false)
  }

  return {
    run(maxUnits) {
      if (failure) throw failure
      const units = team.agree(Math.min(maxUnits, maxUnitsAtOnce))
      return attempt((points) => advanceBy(units, job, state, points))
    },
    stop() {
      if (failure) throw failure
      team.agree(orders.finish)
      return attempt((points) => finish(job, state, points))
    },
    dismiss() {
      team.agree(orders.dismiss)
    },
    snapshot: () => takeSnapshot(job, state),
    snapshotFiles: (metadata) => encodeSnapshot(job, state, metadata),
    restore(snapshot) {
      state = restoreSnapshot(job, snapshot)
      failure = null
    },
    load: (weights) => loadWeights(job, weights),
    weights: () => copyWeights(job),
    get state() {
      return copyState(state)
    },
    get step() {
      return state.step
    },
    get epoch() {
      return state.epoch
    },
  }
}

function advanceBy(
  maxUnits: number,
  job: BoundJob,
  state: TrainerState,
  points: MetricPoint[],
): void {
  for (let unit = 0; unit < maxUnits && state.phase !== 'finished'; unit++) {
    advance(job, state, points)
  }
}

function reportOf(state: TrainerState, points: MetricPoint[], aborted: boolean): TrainingReport {
  const { phase, stoppedEarly, step, epoch, best } = state
  return { finished: phase === 'finished', stoppedEarly, aborted, points, step, epoch, best }
}

/** A memory handed in may hold anything, also between the parameters. Threads that follow come later. */
function initializeTensors({ plan, parameters, slots, best }: BoundJob): void {
  for (const arena of [parameters, ...slots, best]) arena.fill(0)
  const { arena, options } = plan.details
  initializeParameters(arena, viewsInArena(arena, parameters), options.seed)
}

function checkAllData({ details }: TrainingPlan, { training, validation }: TrainerOptions): void {
  checkData('training', training, details.trainingRows, details)
  if (validation && details.validationRows > 0) {
    checkData('validation', validation, details.validationRows, details)
  } else if (validation || details.validationRows > 0) {
    throw new EngineError(
      'invalid_data',
      `validation: expected ${details.validationRows} rows, as planned, got ${validation ? 'some' : 'none'}.`,
    )
  }
}
