import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { TablePreprocessing } from '../../src/contract/preprocessing.ts'
import { widestNumber } from '../../src/data/preprocessing/widest-preprocessing.ts'
import { resolveTable } from '../../src/data/resolve-table.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/engine/index.ts'
import { weightsMetadata, weightsMetadataBytes } from '../../src/threads/weights-metadata.ts'
import { xor } from './support/datasets.ts'
import { aSpec } from './support/specs.ts'

function preprocessingOf(columns: number): TablePreprocessing {
  return {
    version: 1,
    inputs: columns,
    features: Array.from({ length: columns }, (_, i) => ({
      column: `column ${i}`,
      type: 'numeric',
      offset: 0.1,
      scale: 2,
      impute: 0.1,
      missing_indicator: false,
    })),
    target: { task: 'classification', column: 'y', classes: ['no', '"yes"'], outputs: 1 },
  }
}

test('says which formats, which task, which classes, and how rows become numbers', () => {
  const preprocessing = preprocessingOf(2)
  const metadata = weightsMetadata(aSpec(), preprocessing, 3)

  expect(metadata).toMatchObject({
    format: 'trainyard',
    spec_version: '1',
    numerics_version: '3',
    task: 'classification',
  })
  expect(JSON.parse(metadata.classes)).toEqual(['no', '"yes"'])
  expect(JSON.parse(metadata.preprocessing)).toEqual(preprocessing)
})

test('a regression has no classes', () => {
  const target = { task: 'regression' as const, columns: [] }

  expect(weightsMetadata(aSpec(), { ...preprocessingOf(1), target }, 1)).not.toHaveProperty(
    'classes',
  )
})

test('the header stays readable, however many columns there are', () => {
  const metadata = weightsMetadata(aSpec(), preprocessingOf(10_000), 1)
  const file = encodeSafetensors({}, metadata)

  expect(decodeSafetensors(file).metadata).toEqual(metadata)
  expect(metadata).not.toHaveProperty('preprocessing')
  expect(metadata.preprocessing_omitted).toMatch(/GET the job/)
})

test('no number is longer than the one that plans count with', () => {
  fc.assert(
    fc.property(fc.double(), (x) => {
      expect(String(x).length).toBeLessThanOrEqual(String(widestNumber).length)
    }),
  )
})

test('what is planned is bounded by the limit of the header, and never less than what comes', () => {
  const task = resolveTable(aSpec(), xor.profile, null)
  const planned = (count: number) => {
    const features = preprocessingOf(count).features.map(({ column }) => ({
      ...task.features[0],
      column,
    }))
    return weightsMetadataBytes(aSpec(), { ...task, features }, 1)
  }
  const made = (count: number) => {
    const metadata = weightsMetadata(aSpec(), preprocessingOf(count), 1)
    return Buffer.byteLength(JSON.stringify(metadata))
  }

  for (const count of [1, 10, 3_000, 10_000]) {
    expect(planned(count)).toBeGreaterThanOrEqual(made(count))
  }
  expect(planned(10_000)).toBe(512 * 1024)
})
