/** @file The dataset that a job names, or the one that its inline rows become. */
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { ReadRows } from '../uploads/read-rows.ts'
import { storeRows } from '../uploads/store-rows.ts'
import { findTrainingDataset, type TrainingDataset } from './admit-job.ts'
import type { KnownDatasets } from './known-datasets.ts'

export interface DatasetParts extends Pick<ApiDependencies, 'limits'> {
  readonly known: KnownDatasets
  readonly transaction: Queryable
  readonly projectId: string
}

/** Errors: `dataset_not_found`, `quota_exceeded`. */
export function datasetOf(
  given: string | ReadRows,
  /** Of a dataset that is made here. */
  name: string | null,
  { limits, known, transaction, projectId }: DatasetParts,
): Promise<TrainingDataset> {
  return typeof given === 'string'
    ? known.get(projectId, given, () =>
        findTrainingDataset(transaction, projectId, given, '/dataset'),
      )
    : storeRows(transaction, projectId, { limits }, given, name)
}
