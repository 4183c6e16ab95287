/**
 * @file From the tables of a training task to the numbers that the network sees: read, split, fit,
 * encode. What is fitted is fitted on the training part alone.
 */
import type { Spec } from '../contract/spec/spec.ts'
import type { DatasetFile, TrainTask } from '../contract/tasks.ts'
import { classCodes } from '../data/class-codes.ts'
import { DataError } from '../data/data-error.ts'
import { encodeFeatures } from '../data/preprocessing/encode-features.ts'
import { encodeTargets } from '../data/preprocessing/encode-targets.ts'
import { fitPreprocessing } from '../data/preprocessing/fit-preprocessing.ts'
import type { TabularTask } from '../data/resolve-table.ts'
import { splitRows } from '../data/split.ts'
import { readTable, type Table } from '../data/table.ts'
import type { EncodedRows, Preparation, PreparedData } from './prepared-data.ts'

type TablePreparation = Preparation<TabularTask>

export function prepareTable(task: TrainTask, preparation: TablePreparation): PreparedData {
  const { resolved, onProgress } = preparation
  const table = readFile(task.training, preparation)
  const parts = partsOf(task.spec, table, preparation)
  const preprocessing = fitPreprocessing(table, parts.training, resolved, task.spec)
  onProgress()

  const encode = (source: Table, rows: Uint32Array): EncodedRows => {
    const inputs = { values: encodeFeatures(preprocessing, source, rows) }
    onProgress()
    const targets = { values: encodeTargets(preprocessing, source, rows) }
    return { rows: rows.length, inputs, targets }
  }
  const training = encode(table, parts.training)
  if (parts.validation) {
    return { preprocessing, training, validation: encode(table, parts.validation) }
  }
  if (!task.validation) return { preprocessing, training, validation: null }
  const other = readFile(task.validation, preparation)
  return { preprocessing, training, validation: encode(other, allRows(other)) }
}

function readFile(file: DatasetFile, { resolved, onProgress }: TablePreparation): Table {
  const { format, profile, bytes } = file
  if (profile.kind !== 'table') throw new DataError('The dataset is not a table.')
  return readTable(format, new Uint8Array(bytes), profile, resolved.columns, onProgress)
}

interface Parts {
  readonly training: Uint32Array
  readonly validation: Uint32Array | null
}

function partsOf(spec: Spec, table: Table, { resolved, permutation }: TablePreparation): Parts {
  const validation = spec.training.validation
  if (!validation || 'dataset' in validation) return { training: allRows(table), validation: null }
  return splitRows({
    rows: table.rows,
    fraction: validation.fraction,
    classes: validation.stratify ? classCodes(table, resolved) : undefined,
    permutation: permutation(table.rows),
  })
}

function allRows(table: Table): Uint32Array {
  return Uint32Array.from({ length: table.rows }, (_, row) => row)
}
