/** @file The dataset that a job names, or the one that its inline rows become. */
import type { CreateJob } from '../../contract/spec/spec.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { storeRows } from '../uploads/store-rows.ts'
import { findTrainingDataset, type TrainingDataset } from './admit-job.ts'
import type { KnownDatasets } from './known-datasets.ts'

/** Errors: `dataset_not_found`, `invalid_dataset`, `invalid_spec`, `quota_exceeded`. */
export function datasetOf(
  parts: Pick<ApiDependencies, 'pool' | 'limits'>,
  known: KnownDatasets,
  transaction: Queryable,
  projectId: string,
  { dataset, name }: CreateJob,
): Promise<TrainingDataset> {
  return typeof dataset === 'string'
    ? known.get(projectId, dataset, () =>
        findTrainingDataset(transaction, projectId, dataset, '/dataset'),
      )
    : storeRows(parts, transaction, projectId, dataset.rows, name ?? null)
}
