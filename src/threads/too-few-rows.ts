/** @file Batches of a single row, for a network that normalizes over the batch: PyTorch refuses them too. */
import type { ErrorItem } from '../contract/errors.ts'
import type { TrainingPlan } from '../engine/index.ts'

export function tooFewRows({
  batchSize,
  steps,
  stepsPerEpoch,
  details,
}: TrainingPlan): ErrorItem[] {
  const { leastRows = 1 } = details.network
  const { trainingRows, batchesPerEpoch } = details
  const last = trainingRows - (batchesPerEpoch - 1) * batchSize
  const complain = (came: string, remedy: string): ErrorItem[] => {
    const why =
      'batch_norm normalizes each channel over the batch, and of one number nothing is left'
    const detail = `${came}, but ${why}: expected at least ${leastRows} rows in each batch. ${remedy}`
    return [{ pointer: '/training/batch_size', code: 'batch_too_small', detail }]
  }
  if (batchSize < leastRows) {
    const more = trainingRows < leastRows ? 'Add rows' : 'Raise the batch size'
    return complain(`A batch has ${batchSize} row`, `${more}, or use layer_norm.`)
  }
  // The last batch of an epoch has what is left, unless the training ends before.
  if (last >= leastRows || steps < stepsPerEpoch) return []
  const came = `${trainingRows} rows in batches of ${batchSize} leave ${last} for the last one of each epoch`
  return complain(came, `Set the batch size to ${fittingSize(trainingRows, batchSize, leastRows)}.`)
}

/** The nearest that leaves enough rows for the last batch; above, since all rows in one batch will do. */
function fittingSize(rows: number, batchSize: number, leastRows: number): number {
  let size = batchSize
  while (size < rows && rows % size !== 0 && rows % size < leastRows) size += 1
  return size
}
