/**
 * @file One unit of work: a training step or a validation batch, and what follows from it: points to
 * report, the end of an epoch, early stopping, the end of training.
 */
import type { BoundJob } from './bind-job.ts'
import { isImprovement } from './early-stopping.ts'
import type { MetricName } from './options.ts'
import { closeEpoch, resetTally, type Tally, type TrainerState } from './state.ts'
import { lossNotFinite, trainStep, validationStep } from './train-step.ts'

/** The mean of a metric since its last point, at the step where the interval ended. */
export interface MetricPoint {
  readonly name: MetricName
  /** Counts from 1. */
  readonly step: number
  readonly value: number
}

export function advance(job: BoundJob, state: TrainerState, points: MetricPoint[]): void {
  const { plan } = job
  const { validationRows, batchesPerEpoch, interval } = plan.details
  switch (state.phase) {
    case 'training': {
      trainStep(job, state)
      if (state.interval.steps === interval.steps) reportLoss(state, points)
      if (state.batch < batchesPerEpoch && state.step < plan.steps) return
      state.batch = 0
      if (validationRows > 0) state.phase = 'validating'
      else endEpoch(job, state, points)
      return
    }
    case 'validating': {
      validationStep(job, state)
      if (state.batch * plan.batchSize < validationRows) return
      state.batch = 0
      endEpoch(job, state, points)
      return
    }
    case 'finished':
      return
    default:
      state.phase satisfies never
  }
}

/** Ends training here: what was not yet reported is, and the best weights come back if asked for. */
export function finish(job: BoundJob, state: TrainerState, points: MetricPoint[]): void {
  if (state.phase === 'finished') return
  const { kernels, parameters, best, plan } = job
  if (plan.details.earlyStopping?.restoreBest && state.best) {
    kernels.copy(parameters, best, parameters.length)
  }
  reportLoss(state, points)
  // The last step was followed by no loss that would have told.
  const size = kernels.sumOfSquares(parameters, parameters.length)
  if (!Number.isFinite(size)) throw lossNotFinite(Number.NaN, state.step)
  state.phase = 'finished'
}

/** The mean loss of the steps since the last one; nothing when there were none. */
export function reportLoss(state: TrainerState, points: MetricPoint[]): void {
  const { interval, step } = state
  if (interval.steps === 0) return
  points.push({ name: 'loss', step, value: interval.loss / interval.steps })
  interval.loss = 0
  interval.steps = 0
}

function endEpoch(job: BoundJob, state: TrainerState, points: MetricPoint[]): void {
  const { plan } = job
  state.epoch += 1
  state.epochsSinceReport += 1
  state.phase = 'training'
  state.stoppedEarly = isOutOfPatience(job, state)
  closeEpoch(state.training)
  if (plan.details.validationRows > 0) closeEpoch(state.validation)
  const ends = state.stoppedEarly || state.step >= plan.steps
  if (ends || state.epochsSinceReport === plan.details.interval.epochs) {
    reportEpochs(job, state, points)
  }
  if (ends) finish(job, state, points)
}

/** Compares the epoch with the best so far, and keeps its weights if it is better. */
function isOutOfPatience(job: BoundJob, state: TrainerState): boolean {
  const { earlyStopping } = job.plan.details
  if (!earlyStopping) return false
  const value = metricOf(earlyStopping.monitor, state.training.epoch, state.validation.epoch)
  if (!state.best || isImprovement(earlyStopping, value, state.best.value)) {
    state.best = { value, epoch: state.epoch, step: state.step }
    state.epochsWithoutImprovement = 0
    if (earlyStopping.restoreBest) job.kernels.copy(job.best, job.parameters, job.best.length)
    return false
  }
  state.epochsWithoutImprovement += 1
  return state.epochsWithoutImprovement >= earlyStopping.patience
}

/** All metrics but the loss, over the epochs since the last report. */
function reportEpochs(job: BoundJob, state: TrainerState, points: MetricPoint[]): void {
  const { training, validation, step } = state
  for (const name of job.plan.metrics) {
    if (name === 'loss') continue
    points.push({ name, step, value: metricOf(name, training.unreported, validation.unreported) })
  }
  resetTally(training.unreported)
  resetTally(validation.unreported)
  state.epochsSinceReport = 0
}

function metricOf(name: MetricName, training: Tally, validation: Tally): number {
  switch (name) {
    case 'loss':
      return training.loss / training.terms
    case 'accuracy':
      return training.correct / training.decisions
    case 'validation_loss':
      return validation.loss / validation.terms
    case 'validation_accuracy':
      return validation.correct / validation.decisions
    default:
      return name satisfies never
  }
}
