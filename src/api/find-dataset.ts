/** @file The dataset that a route is about; another project's is as missing as one that never was. */
import { z } from 'zod'

import { AppError } from '../contract/errors.ts'
import { DatasetId } from '../contract/ids.ts'
import type { DatasetRow } from '../store/datasets.ts'
import type { ApiDependencies } from './dependencies.ts'

export const datasetParams = z.strictObject({ datasetId: DatasetId })

/** Errors: `dataset_not_found`. */
export async function findDataset(
  { store }: Pick<ApiDependencies, 'store'>,
  projectId: string,
  datasetId: string,
): Promise<DatasetRow> {
  const row = await store.datasets.find(projectId, datasetId)
  if (!row) throw noSuchDataset(datasetId)
  return row
}

export function noSuchDataset(datasetId: string): AppError {
  return new AppError('dataset_not_found', `There is no dataset ${datasetId} in this project.`)
}
