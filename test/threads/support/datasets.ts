/** @file Datasets as threads get them: a file in shared memory, and the profile that was learned of it. */
import type { DatasetFormat, Row, TableProfile } from '../../../src/contract/datasets.ts'
import type { DatasetFile } from '../../../src/contract/tasks.ts'
import { createDatasetReader } from '../../../src/data/profile/dataset-reader.ts'

export function profileOf(format: DatasetFormat, file: Uint8Array): TableProfile {
  const reader = createDatasetReader(format, { maxColumns: 1000 })
  reader.write(file)
  const { profile } = reader.end()
  if (profile.kind !== 'table') throw new Error(`expected a table, got ${profile.kind}`)
  return profile
}

export function datasetFile(format: DatasetFormat, file: Uint8Array): DatasetFile {
  const bytes = new SharedArrayBuffer(file.length)
  new Uint8Array(bytes).set(file)
  return { format, profile: profileOf(format, file), bytes }
}

export function datasetOf(rows: readonly Row[]): DatasetFile {
  return datasetFile('json', new TextEncoder().encode(JSON.stringify(rows)))
}

/** The four rows of XOR. */
export const xor = datasetOf([
  { a: 0, b: 0, y: 'no' },
  { a: 0, b: 1, y: 'yes' },
  { a: 1, b: 0, y: 'yes' },
  { a: 1, b: 1, y: 'no' },
])
