/** @file Early stopping: when an epoch is better than all before, and when enough of them were not. */
import { EngineError } from '../errors.ts'
import { requireOption } from '../require-option.ts'
import type { EarlyStoppingOptions, MetricName } from './options.ts'

export interface EarlyStopping {
  readonly monitor: MetricName
  readonly patience: number
  readonly minDelta: number
  readonly restoreBest: boolean
}

/** Null where nothing was asked for. */
export function planEarlyStopping(
  options: EarlyStoppingOptions | undefined,
  metrics: readonly MetricName[],
): EarlyStopping | null {
  if (!options) return null
  const fallback = metrics.includes('validation_loss') ? 'validation_loss' : 'loss'
  const { monitor = fallback, patience, minDelta = 0, restoreBest = false } = options
  requireOption('earlyStopping', 'patience', patience, { min: 1, integer: true })
  requireOption('earlyStopping', 'minDelta', minDelta, { min: 0 })
  if (!metrics.includes(monitor)) {
    throw new EngineError(
      'invalid_definition',
      `earlyStopping: cannot monitor ${monitor}; this job has ${metrics.join(', ')}.`,
    )
  }
  return { monitor, patience, minDelta, restoreBest }
}

/** Accuracies rise as a network gets better, losses fall. */
export function isImprovement(
  { monitor, minDelta }: EarlyStopping,
  value: number,
  best: number,
): boolean {
  switch (monitor) {
    case 'accuracy':
    case 'validation_accuracy':
      return value > best + minDelta
    case 'loss':
    case 'validation_loss':
      return value < best - minDelta
    default:
      return monitor satisfies never
  }
}
