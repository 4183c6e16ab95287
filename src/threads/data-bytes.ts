/**
 * @file What the data of a job takes up: the rows that training reads, where they are not floats, and
 * beside them files, parsed columns, the orders of rows, what a tokenizer needs.
 */
import type { ColumnType, DatasetProfile } from '../contract/datasets.ts'
import type { Task } from '../data/resolve.ts'
import type { ImageTask } from '../data/resolve-images.ts'
import type { TabularTask } from '../data/resolve-table.ts'
import { sizeOf } from '../data/task.ts'
import { tokenizerBytes } from '../data/text/character-tokenizer.ts'
import { tokenBytes } from '../data/text/tokens.ts'

/** A dataset as a plan sees it: not the file, but what is known of it. */
export interface PlannedDataset {
  readonly profile: DatasetProfile
  /** Of the file. */
  readonly bytes: number
}

/** For the engine's plan; undefined where every row is floats of its own, as it counts by itself. */
export function rowBytes(task: Task): number | undefined {
  switch (task.kind) {
    case 'table':
      return undefined
    case 'images':
      return imageBytes(task)
    case 'text':
      return (task.tokens.training + task.tokens.validation) * tokenBytes(task.vocabulary)
    default:
      return task satisfies never
  }
}

/** Beside the engine. */
export function dataBytes(
  task: Task,
  training: PlannedDataset,
  validation: PlannedDataset | null,
): number {
  const datasets = validation ? [training, validation] : [training]
  const files = datasets.reduce((sum, { bytes }) => sum + bytes, 0)
  if (task.kind === 'text') return files + tokenizerBytes
  if (task.kind === 'images') return files + splitBytes(task)
  return datasets.reduce((sum, { profile }) => sum + parsedBytes(task, profile), files)
}

/** The number of its class for each image, and the pixels where they are copied. */
function imageBytes({ isSplit, shape, trainingRows, validationRows }: ImageTask): number {
  return (trainingRows + validationRows) * (1 + (isSplit ? sizeOf(shape) : 0))
}

/** The classes of all images before the split, also as integers; and what decides it. */
function splitBytes({ isSplit, trainingRows, validationRows }: ImageTask): number {
  const perRow = 1 + Int32Array.BYTES_PER_ELEMENT + orderBytes
  return isSplit ? (trainingRows + validationRows) * perRow : 0
}

/** Of one parsed cell: a double, one of three values, the number of a category. */
const cellBytes = { numeric: 8, boolean: 1, categorical: 4, text: 4 } satisfies Record<
  ColumnType,
  number
>

/** Which rows are in which part, and the random order that decided it. */
const orderBytes = 2 * Uint32Array.BYTES_PER_ELEMENT

function parsedBytes({ columns }: TabularTask, profile: DatasetProfile): number {
  if (profile.kind !== 'table') return 0
  const perRow = profile.columns
    .filter(({ name }) => columns.has(name))
    .reduce((sum, { type }) => sum + cellBytes[type], orderBytes)
  return profile.rows * perRow
}
