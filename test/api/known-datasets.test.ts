import { expect, test } from 'vitest'

import type { TrainingDataset } from '../../src/api/admission/admit-job.ts'
import { createKnownDatasets } from '../../src/api/admission/known-datasets.ts'
import type { Column } from '../../src/contract/datasets.ts'

const aDataset = (id: string): TrainingDataset => ({
  id,
  bytes: 1,
  profile: { kind: 'table', rows: 1, columns: [], warnings: [] },
})

test('reads a dataset once, each project for itself, until it is forgotten', async () => {
  const known = createKnownDatasets()
  let reads = 0
  const read = async () => {
    reads += 1
    return aDataset('ds_1')
  }
  await known.get('one', 'ds_1', read)
  expect(await known.get('one', 'ds_1', read)).toEqual(aDataset('ds_1'))
  expect(reads).toBe(1)

  await known.get('other', 'ds_1', read)
  expect(reads).toBe(2)
  known.forget('one', 'ds_1')
  await known.get('one', 'ds_1', read)
  expect(reads).toBe(3)
})

test('remembers nothing that was not there, and lets the oldest go', async () => {
  const known = createKnownDatasets()
  const missing = () => Promise.reject(new Error('not there'))
  await expect(known.get('p', 'ds_0', missing)).rejects.toThrow('not there')
  for (let i = 0; i < 201; i++) await known.get('p', `ds_${i}`, async () => aDataset(`ds_${i}`))

  await expect(known.get('p', 'ds_0', missing)).rejects.toThrow('not there')
  expect(await known.get('p', 'ds_200', missing)).toEqual(aDataset('ds_200'))
})

/** As much of a column as is looked at. */
const columnsOf = (count: number, categories: number) =>
  Array.from({ length: count }, () => ({ categories: Array(categories).fill('x') }) as Column)

function aTable(id: string, columns: Column[]): TrainingDataset {
  return { id, bytes: 1, profile: { kind: 'table', rows: 1, columns, warnings: [] } }
}

test('wide tables are remembered too, as long as there is room for their columns', async () => {
  const known = createKnownDatasets()
  const missing = () => Promise.reject(new Error('not there'))
  const wide = ['a', 'b', 'c'].map((id) => aTable(id, columnsOf(10_000, 15)))
  for (const dataset of wide) await known.get('p', dataset.id, async () => dataset)

  expect(await known.get('p', 'b', missing)).toBe(wide[1])
  expect(await known.get('p', 'c', missing)).toBe(wide[2])
  await expect(known.get('p', 'a', missing)).rejects.toThrow('not there')

  known.forget('p', 'b')
  await known.get('p', 'a', async () => wide[0])
  expect(await known.get('p', 'c', missing)).toBe(wide[2])
})

test('a table that is too wide for all of the room takes none of it', async () => {
  const known = createKnownDatasets()
  const missing = () => Promise.reject(new Error('not there'))
  const huge = aTable('huge', columnsOf(1_000, 1_000))
  await known.get('p', 'small', async () => aDataset('small'))
  expect(await known.get('p', 'huge', async () => huge)).toBe(huge)

  await expect(known.get('p', 'huge', missing)).rejects.toThrow('not there')
  expect(await known.get('p', 'small', missing)).toEqual(aDataset('small'))
})
