/** @file Rows that come inside a job: a file of JSON like any other, once they are text again. */
import type { TableProfile } from '../../contract/datasets.ts'
import type { CreateJob } from '../../contract/spec/spec.ts'
import { fromJson } from '../../store/json.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { startParsing } from '../uploads/parse-session.ts'
import { storeDataset } from '../uploads/store-dataset.ts'
import type { TrainingDataset } from './admit-job.ts'

export type InlineRows = Exclude<CreateJob['dataset'], string>['rows']

/** Errors: `invalid_dataset`, `quota_exceeded`, `payload_too_large`, `unavailable`. */
export async function storeRows(
  dependencies: Pick<ApiDependencies, 'pool' | 'limits'>,
  transaction: Queryable,
  projectId: string,
  rows: InlineRows,
  name: string | null,
): Promise<TrainingDataset> {
  const { id, bytes, profile } = await storeDataset(transaction, projectId, dependencies, {
    name,
    labels: {},
    format: 'json',
    pieces: [toFile(rows)],
  })
  return { id, bytes, profile: fromJson<TableProfile>(profile) }
}

/** For a plan: what the rows would be as a dataset. Nothing is stored. */
export async function profileRows(
  { pool, limits }: Pick<ApiDependencies, 'pool' | 'limits'>,
  rows: InlineRows,
): Promise<TrainingDataset> {
  const file = toFile(rows)
  const parsing = startParsing(pool, { format: 'json', maxColumns: limits.dataset_columns })
  try {
    await parsing.write(file)
    const { profile } = await parsing.end()
    return { id: unstoredId, bytes: file.length, profile: fromJson<TableProfile>(profile) }
  } finally {
    parsing.close()
  }
}

/** Of rows that were only planned for. */
const unstoredId = `ds_${'0'.repeat(32)}`

function toFile(rows: InlineRows): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rows))
}
