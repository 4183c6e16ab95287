import { describe, expect, test } from 'vitest'

import type { ImageProfile } from '../../src/contract/datasets.ts'
import { AppError } from '../../src/contract/errors.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import { specOf } from './support/specs.ts'
import { thrownBy } from './support/thrown.ts'

const digits: ImageProfile = {
  kind: 'images',
  rows: 100,
  shape: [1, 28, 28],
  classes: [...'0123456789'],
  class_counts: Array(10).fill(10),
  warnings: [],
}
const twoDigits = { ...digits, classes: ['0', '1'], class_counts: [50, 50] }
const layers = { type: 'layers', layers: [{ type: 'dense', units: 10 }] }
const other = { validation: { dataset: `ds_${'1'.repeat(32)}` } }

function resolve(
  parts: Parameters<typeof specOf>[0],
  training = digits,
  validation: ImageProfile | null = null,
) {
  return resolveTask(specOf({ target: undefined, ...parts }), training, validation)
}

describe('a task on images', () => {
  test('tells labels from pixels', () => {
    expect(resolve({})).toMatchObject({
      kind: 'images',
      task: 'classification',
      shape: [1, 28, 28],
      outputs: 10,
      outputShapes: [[10]],
      lossName: 'categorical_cross_entropy',
      trainingRows: 100,
      validationRows: 0,
      isSplit: false,
    })
  })

  test('shows layers three dimensions, and an mlp a row of pixels', () => {
    expect(resolve({ model: layers }).inputShape).toEqual([1, 28, 28])
    expect(resolve({}).inputShape).toEqual([784])
  })

  test('of two labels has one output, unless the loss says otherwise', () => {
    expect(resolve({}, twoDigits)).toMatchObject({ lossName: 'binary_cross_entropy', outputs: 1 })
    const loss = 'categorical_cross_entropy'
    expect(resolve({ loss }, twoDigits)).toMatchObject({ lossName: loss, outputs: 2 })
  })

  test('holds some images out, or has others to validate on', () => {
    const training = { validation: { fraction: 0.1 } }
    expect(resolve({ training })).toMatchObject({
      trainingRows: 90,
      validationRows: 10,
      isSplit: true,
    })
    expect(resolve({ training: other }, digits, { ...digits, rows: 7 })).toMatchObject({
      trainingRows: 100,
      validationRows: 7,
      isSplit: false,
    })
  })
})

describe('what does not fit is told with its place', () => {
  test.each<[string, () => unknown, string, string, RegExp]>([
    ['a target', () => resolve({ target: { column: 'y' } }), '/target', 'no_columns', /labels/],
    [
      'features',
      () => resolve({ features: {} }),
      '/features',
      'no_columns',
      /Leave "features" out/,
    ],
    ['text', () => resolve({ text: { context: 4 } }), '/text', 'not_text', /is images/],
    [
      'one label',
      () => resolve({}, { ...digits, classes: ['3'] }),
      '/dataset',
      'one_class',
      /label 3\. Expected at least two/,
    ],
    [
      'a loss for quantities',
      () => resolve({ loss: 'mean_squared_error' }),
      '/loss',
      'loss_mismatch',
      /10 classes\. Set the loss to categorical_cross_entropy/,
    ],
    [
      'a loss for two classes',
      () => resolve({ loss: 'binary_cross_entropy' }),
      '/loss',
      'loss_mismatch',
      /10 classes/,
    ],
    [
      'one image, of which some are to be held out',
      () => resolve({ training: { validation: { fraction: 0.5 } } }, { ...digits, rows: 1 }),
      '/training/validation/fraction',
      'too_few_rows',
      /one image/,
    ],
    [
      'validation images of another size',
      () => resolve({ training: other }, digits, { ...digits, shape: [3, 28, 28] }),
      '/training/validation/dataset',
      'validation_mismatch',
      /are 3 × 28 × 28, but the training images are 1 × 28 × 28/,
    ],
    [
      'validation images with other labels',
      () => resolve({ training: other }, twoDigits, digits),
      '/training/validation/dataset',
      'validation_mismatch',
      /2, 3, 4\./,
    ],
  ])('%s', (_name, run, pointer, code, detail) => {
    const error = thrownBy(run)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).errors).toContainEqual({
      pointer,
      code,
      detail: expect.stringMatching(detail),
    })
  })
})
