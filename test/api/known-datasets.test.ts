import { expect, test } from 'vitest'

import type { TrainingDataset } from '../../src/api/admission/admit-job.ts'
import { createKnownDatasets } from '../../src/api/admission/known-datasets.ts'

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
