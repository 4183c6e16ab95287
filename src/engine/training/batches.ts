/**
 * @file From the rows to the batch in the job's memory, in the order of the epoch.
 *
 * The order of an epoch follows from the seed and the epoch's number, so it is not part of a snapshot.
 */

import type { Team } from '../kernels/team.ts'
import { permuteInto } from '../random/permutation.ts'
import type { BatchViews } from './bind-step.ts'
import type { TrainingData } from './data.ts'
import { loadRows } from './load-rows.ts'
import type { TrainingPlan } from './plan.ts'

export interface Batches {
  /** Loads batch `index` of the epoch; returns its number of rows. */
  loadTraining(index: number, epoch: number): number
  loadValidation(index: number): number
}

export interface BatchSources {
  /** null in a thread that follows another, which loads the rows for all. */
  readonly training: TrainingData | null
  readonly validation: TrainingData | null
  readonly team: Team
}

export function createBatches(
  { batchSize, details }: TrainingPlan,
  { inputs, targets }: BatchViews,
  { training, validation, team }: BatchSources,
): Batches {
  const { inputSize, targetSize, trainingRows, validationRows, shuffles, options } = details
  const order = shuffles && training ? new Uint32Array(trainingRows) : null
  let orderedEpoch = -1
  /** Set while a batch of all rows is in place: then there is nothing to load. */
  let holdsAllRows = false

  return {
    loadTraining(index, epoch) {
      if (order && orderedEpoch !== epoch) {
        permuteInto(order, options.seed, 'shuffle', epoch)
        orderedEpoch = epoch
      }
      const start = index * batchSize
      const rows = Math.min(batchSize, trainingRows - start)
      if (training && !holdsAllRows) {
        loadRows(inputs, training.inputs, order, start, rows, inputSize)
        loadRows(targets, training.targets, order, start, rows, targetSize)
        holdsAllRows = rows === trainingRows
      }
      team.meet()
      return rows
    },

    loadValidation(index) {
      const start = index * batchSize
      const rows = Math.min(batchSize, validationRows - start)
      if (validation) {
        loadRows(inputs, validation.inputs, null, start, rows, inputSize)
        loadRows(targets, validation.targets, null, start, rows, targetSize)
        holdsAllRows = false
      }
      team.meet()
      return rows
    },
  }
}
