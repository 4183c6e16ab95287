import { expect, test } from 'vitest'

import type { TablePreprocessing } from '../../src/contract/preprocessing.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/engine/index.ts'
import { weightsMetadata } from '../../src/threads/weights-metadata.ts'
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
