/** @file The numbers among the training options: their ranges, and errors that name them. */
import { EngineError } from '../errors.ts'
import { requireOption } from '../require-option.ts'
import type { TrainingOptions } from './options.ts'

/** Steps and streams are counted in words of 32 bits. */
const MAX_COUNT = 4294967295

/** Throws `invalid_definition`, naming the option, its range and what came. */
export function checkOptions(options: TrainingOptions): void {
  const count = { min: 1, max: MAX_COUNT, integer: true }
  for (const dimension of options.inputShape) {
    requireOption('training', 'each dimension of inputShape', dimension, { min: 1, integer: true })
  }
  requireOption('training', 'trainingRows', options.trainingRows, count)
  requireOption('training', 'validationRows', options.validationRows ?? 0, { ...count, min: 0 })
  requireOption('training', 'batchSize', options.batchSize, count)
  requireOption('training', 'gradientAccumulation', options.gradientAccumulation ?? 1, count)
  requireOption('training', 'learningRate', options.learningRate, { min: 0 })
  requireOption('training', 'seed', options.seed, { min: 0, integer: true })
  requireOption('training', 'reportEvery', options.reportEvery ?? 1, count)
  requireOption('training', 'dataBytes', options.dataBytes ?? 0, { min: 0, integer: true })
  requireOption('training', 'clipNorm', options.clipNorm ?? 1, { min: 0, aboveMin: true })
  if ((options.epochs === undefined) === (options.steps === undefined)) {
    throw new EngineError('invalid_definition', 'training: give either epochs or steps, not both.')
  }
  const batchesPerEpoch = Math.ceil(options.trainingRows / options.batchSize)
  const accumulate = Math.min(options.gradientAccumulation ?? 1, batchesPerEpoch)
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / accumulate)
  const steps = options.steps ?? (options.epochs ?? 1) * stepsPerEpoch
  requireOption('training', 'epochs', options.epochs ?? 1, count)
  requireOption('training', 'steps', steps, count)
  requireOption('training', 'batches of all steps', steps * accumulate, count)
}
