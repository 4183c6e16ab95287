/**
 * @file One step of training and one batch of validation, up to and including what they change.
 *
 * All that is before the optimizer can be abandoned: it changes gradients, activations, and running
 * statistics, which are put back.
 */
import { EngineError } from '../errors.ts'
import type { LossPlan } from '../losses/loss.ts'
import type { BoundJob } from './bind-job.ts'
import type { RecordedStep } from './recorded-step.ts'
import type { Tally, TrainerState } from './state.ts'

/** Takes step `state.step` + 1 and counts it. Throws `aborted` or `loss_not_finite` before any change. */
export function trainStep(job: BoundJob, state: TrainerState): void {
  const { batchSize, details } = job.plan
  const count = Math.min(details.accumulate, details.batchesPerEpoch - state.batch)
  const first = state.batch * batchSize
  const rows = Math.min(first + count * batchSize, details.trainingRows) - first
  if (job.recorded && rows === batchSize) takeRecorded(job.recorded, job, state)
  else takeStep(job, state, count, rows)
  const { loss, correct } = job.totals
  state.step += 1
  state.batch += count
  state.interval.loss += loss / (rows * details.loss.terms)
  state.interval.steps += 1
  addToTally(state.training.epoch, details.loss, rows, loss, correct)
}

/** A step of `count` batches, `rows` rows in all. */
function takeStep(job: BoundJob, state: TrainerState, count: number, rows: number): void {
  const { kernels, gradients, totals, clock, statistics, statisticsBefore } = job
  kernels.clear(gradients, gradients.length)
  totals.loss = 0
  totals.correct = 0
  statisticsBefore.set(statistics)
  try {
    for (let i = 0; i < count; i++) {
      // Chance is of a batch, not of a step.
      clock.step = state.step * job.plan.details.accumulate + i + 1
      addGradients(job, state, state.batch + i, rows)
    }
  } catch (error) {
    // All threads have met where this was thrown, and one puts back what they share.
    if (job.team.index === 0) statistics.set(statisticsBefore)
    throw error
  }

  // From here on nothing throws: the step is taken whole.
  clipGradients(job)
  applyOptimizer(job, state)
}

/** These steps are so short that to ask before each whether to go on would take a part of them. */
const recordedStepsAPulse = 16

/** The same of one full batch, whose kernel calls have been recorded. */
function takeRecorded(recorded: RecordedStep, job: BoundJob, state: TrainerState): void {
  const { totals, statistics } = job
  if (state.step % recordedStepsAPulse === 0) job.pulse()
  job.batches.loadTraining(state.batch, state.epoch)
  if (statistics.length > 0) job.statisticsBefore.set(statistics)
  const loss = recorded.take()
  if (!Number.isFinite(loss)) {
    statistics.set(job.statisticsBefore)
    throw lossNotFinite(loss, state.step + 1)
  }
  totals.loss = loss
  totals.correct = recorded.decides ? job.loss.countCorrect(job.plan.batchSize) : 0
  if (recorded.updates) return
  clipGradients(job)
  applyOptimizer(job, state)
}

/** Adds the gradients of one batch, as a part of a step of `stepRows` rows, and its totals. */
function addGradients(
  { batches, network, loss, kernels, outputGradient, totals, plan }: BoundJob,
  { step, epoch }: TrainerState,
  batch: number,
  stepRows: number,
): void {
  const rows = batches.loadTraining(batch, epoch)
  network.forward(rows, 'train')
  const lossSum = loss.forward(rows)
  if (!Number.isFinite(lossSum)) throw lossNotFinite(lossSum, step + 1)
  totals.loss += lossSum
  totals.correct += loss.countCorrect(rows)
  loss.backward(rows) // of the batch's own mean
  const size = outputGradient.length / plan.batchSize
  if (rows < stepRows) kernels.scale(outputGradient, rows / stepRows, rows * size)
  network.backward(rows)
}

/** Evaluates the next validation batch and counts it. */
export function validationStep(job: BoundJob, state: TrainerState): void {
  const { batches, network, loss } = job
  const rows = batches.loadValidation(state.batch)
  network.forward(rows, 'evaluate')
  const lossSum = loss.forward(rows)
  if (!Number.isFinite(lossSum)) throw lossNotFinite(lossSum, state.step)
  state.batch += 1
  const correct = loss.countCorrect(rows)
  addToTally(state.validation.epoch, job.plan.details.loss, rows, lossSum, correct)
}

export function lossNotFinite(value: number, step: number): EngineError {
  return new EngineError(
    'loss_not_finite',
    `The loss became ${value} at step ${step}. Lower the learning rate, clip the gradients (clipNorm), or scale the inputs to about -1 to 1.`,
    { step },
  )
}

function addToTally(
  tally: Tally,
  { terms, decisions }: LossPlan,
  rows: number,
  loss: number,
  correct: number,
): void {
  tally.loss += loss
  tally.terms += rows * terms
  tally.correct += correct
  tally.decisions += rows * decisions
}

/** g <- g * min(1, clipNorm / (norm + 1e-6)), over all parameters together, as PyTorch has it. */
function clipGradients({ plan, kernels, gradients }: BoundJob): void {
  const { clipNorm } = plan.details.options
  if (clipNorm === undefined) return
  const norm = Math.sqrt(kernels.sumOfSquares(gradients, gradients.length))
  const factor = clipNorm / (norm + 1e-6)
  if (factor < 1) kernels.scale(gradients, factor, gradients.length)
}

function applyOptimizer(job: BoundJob, state: TrainerState): void {
  const { plan, products, optimizerSteps } = job
  const { options, schedule } = plan.details
  const { factors } = options.optimizer
  for (let i = 0; i < factors.length; i++) {
    state.products[i] *= factors[i]
    products[i] = state.products[i]
  }
  const learningRate = options.learningRate * schedule.factor(state.step, plan.steps)
  for (let i = 0; i < optimizerSteps.length; i++) optimizerSteps[i](learningRate, products)
}
