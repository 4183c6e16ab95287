/** @file Datasets as threads get them: a file in shared memory, and the profile that was learned of it. */
import type { DatasetFormat, Row, TableProfile } from '../../../src/contract/datasets.ts'
import type { DatasetFile } from '../../../src/contract/tasks.ts'
import { createDatasetReader } from '../../../src/data/profile/dataset-reader.ts'
import { joined } from '../../support/idx.ts'

export function profileOf(format: DatasetFormat, file: Uint8Array): TableProfile {
  const reader = createDatasetReader(format, { maxColumns: 1000 })
  reader.write(file)
  const { profile } = reader.end()
  if (profile.kind !== 'table') throw new Error(`expected a table, got ${profile.kind}`)
  return profile
}

export interface TableFile extends DatasetFile {
  readonly profile: TableProfile
}

export function datasetFile(format: DatasetFormat, file: Uint8Array): TableFile {
  return { format, profile: profileOf(format, file), bytes: shared(file) }
}

export function textFile(text: string): DatasetFile {
  return anyFile('text', new TextEncoder().encode(text))
}

export function imageFile(images: Uint8Array, labels: Uint8Array): DatasetFile {
  return anyFile('idx', joined(images, labels))
}

function anyFile(format: DatasetFormat, file: Uint8Array): DatasetFile {
  const reader = createDatasetReader(format, { maxColumns: 1 })
  reader.write(file)
  return { format, profile: reader.end().profile, bytes: shared(file) }
}

function shared(file: Uint8Array): SharedArrayBuffer {
  const bytes = new SharedArrayBuffer(file.length)
  new Uint8Array(bytes).set(file)
  return bytes
}

export function datasetOf(rows: readonly Row[]): TableFile {
  return datasetFile('json', new TextEncoder().encode(JSON.stringify(rows)))
}

/** The four rows of XOR. */
export const xor = datasetOf([
  { a: 0, b: 0, y: 'no' },
  { a: 0, b: 1, y: 'yes' },
  { a: 1, b: 0, y: 'yes' },
  { a: 1, b: 1, y: 'no' },
])
