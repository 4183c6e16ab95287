/** @file The loss, and with it how many numbers the network must put out. */
import type { LossName } from '../../contract/spec/spec.ts'
import type { Complaints } from './complaints.ts'
import type { ResolvedTarget } from './target.ts'

export interface ResolvedLoss {
  readonly lossName: LossName
  /** 1 for two classes behind one sigmoid, one per class behind a softmax, one per quantity. */
  readonly outputs: number
}

export function resolveLoss(
  asked: LossName | undefined,
  target: ResolvedTarget,
  complaints: Complaints,
): ResolvedLoss {
  const lossName = asked ?? defaultLoss(target)
  const detail = mismatch(lossName, target)
  if (detail !== null) complaints.add('/loss', 'loss_mismatch', detail)
  if (target.classes === null) return { lossName, outputs: target.targetColumns.length }
  return { lossName, outputs: lossName === 'binary_cross_entropy' ? 1 : target.classes.length }
}

function defaultLoss({ classes }: ResolvedTarget): LossName {
  if (classes === null) return 'mean_squared_error'
  return classes.length === 2 ? 'binary_cross_entropy' : 'categorical_cross_entropy'
}

function mismatch(loss: LossName, target: ResolvedTarget): string | null {
  const { classes } = target
  if (classes === null) {
    if (loss === 'mean_squared_error') return null
    return `${loss} is for classes, but the target is a quantity. Set "task" to "classification" in the target, or the loss to mean_squared_error.`
  }
  if (loss === 'mean_squared_error') {
    return `mean_squared_error is for quantities, but the target has classes. Set the loss to ${defaultLoss(target)}, or, if the column is numeric, "task" to "regression" in the target.`
  }
  if (loss === 'binary_cross_entropy' && classes.length > 2) {
    return `binary_cross_entropy is for two classes, but the target has ${classes.length}. Set the loss to categorical_cross_entropy.`
  }
  return null
}
