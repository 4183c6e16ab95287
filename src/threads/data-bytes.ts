/**
 * @file What the data of a job takes up beside the engine: files, parsed columns, the orders of rows.
 * The encoded rows are in the engine's own plan.
 */
import type { ColumnType, TableProfile } from '../contract/datasets.ts'
import type { TabularTask } from '../data/resolve-table.ts'

/** A dataset as a plan sees it: not the file, but what is known of it. */
export interface PlannedDataset {
  readonly profile: TableProfile
  /** Of the file. */
  readonly bytes: number
}

/** Of one parsed cell: a double, one of three values, the number of a category. */
const cellBytes = { numeric: 8, boolean: 1, categorical: 4, text: 4 } satisfies Record<
  ColumnType,
  number
>

/** Which rows are in which part, and the random order that decided it. */
const orderBytes = 2 * Uint32Array.BYTES_PER_ELEMENT

export function dataBytes(
  task: Pick<TabularTask, 'columns'>,
  training: PlannedDataset,
  validation: PlannedDataset | null,
): number {
  return datasetBytes(task, training) + (validation ? datasetBytes(task, validation) : 0)
}

function datasetBytes({ columns }: Pick<TabularTask, 'columns'>, dataset: PlannedDataset): number {
  const { profile, bytes } = dataset
  const rowBytes = profile.columns
    .filter(({ name }) => columns.has(name))
    .reduce((sum, { type }) => sum + cellBytes[type], orderBytes)
  return bytes + profile.rows * rowBytes
}
