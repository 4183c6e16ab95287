/**
 * @file One step of training and one batch of validation, up to and including what they change.
 *
 * All that is before the optimizer can be abandoned: it changes gradients and activations only.
 */
import { EngineError } from '../errors.ts'
import type { BoundJob } from './bind-job.ts'
import type { Tally, TrainerState } from './state.ts'

/** Takes step `state.step` + 1 and counts it. Throws `aborted` or `loss_not_finite` before any change. */
export function trainStep(job: BoundJob, state: TrainerState): void {
  const { batches, network, loss, kernels, gradients, clock, plan } = job
  const { terms } = plan.details.loss
  const step = state.step + 1
  clock.step = step
  const rows = batches.loadTraining(state.batch, state.epoch)
  kernels.clear(gradients, gradients.length)
  network.forward(rows, 'train')
  const lossSum = loss.forward(rows)
  const meanLoss = lossSum / (rows * terms)
  if (!Number.isFinite(meanLoss)) throw lossNotFinite(meanLoss, step)
  const correct = loss.countCorrect(rows)
  loss.backward(rows)
  network.backward(rows)

  // From here on nothing throws: the step is taken whole.
  clipGradients(job)
  applyOptimizer(job, state)
  state.step = step
  state.batch += 1
  state.interval.loss += meanLoss
  state.interval.steps += 1
  addToTally(state.training.epoch, job, rows, lossSum, correct)
}

/** Evaluates the next validation batch and counts it. */
export function validationStep(job: BoundJob, state: TrainerState): void {
  const { batches, network, loss } = job
  const rows = batches.loadValidation(state.batch)
  network.forward(rows, 'evaluate')
  const lossSum = loss.forward(rows)
  if (!Number.isFinite(lossSum)) throw lossNotFinite(lossSum, state.step)
  state.batch += 1
  addToTally(state.validation.epoch, job, rows, lossSum, loss.countCorrect(rows))
}

export function lossNotFinite(value: number, step: number): EngineError {
  return new EngineError(
    'loss_not_finite',
    `The loss became ${value} at step ${step}. Lower the learning rate, clip the gradients (clipNorm), or scale the inputs to about -1 to 1.`,
    step,
  )
}

function addToTally(
  tally: Tally,
  job: BoundJob,
  rows: number,
  loss: number,
  correct: number,
): void {
  const { terms, decisions } = job.plan.details.loss
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
