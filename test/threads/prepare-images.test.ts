import { expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile } from '../../src/contract/tasks.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import { permutation } from '../../src/engine/index.ts'
import { prepareData } from '../../src/threads/prepare-data.ts'
import { idxFile } from '../support/idx.ts'
import { imageFile } from './support/datasets.ts'
import { aSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

function prepare(spec: Spec, training: DatasetFile, validation: DatasetFile | null = null) {
  const { task, progress } = prepareTask(spec, training, validation)
  progress.close()
  return prepareData(task, {
    resolved: resolveTask(spec, training.profile, validation?.profile ?? null),
    targetSize: 1,
    permutation: (length) => permutation(spec.training.seed, 'split', 0, length),
    onProgress: () => {},
  })
}

const rows = 20
/** Each of two pixels, both its number; every fifth is a 7, the others are 3. */
const file = imageFile(
  idxFile(
    [rows, 1, 2],
    Array.from({ length: rows * 2 }, (_, i) => Math.floor(i / 2)),
  ),
  idxFile(
    [rows],
    Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? 7 : 3)),
  ),
)
const spec = (training = {}) => aSpec({ target: undefined, training })

test('pixels stay bytes, where they lie, to be scaled per batch; labels become classes', () => {
  const { preprocessing, training, validation } = prepare(spec(), file)

  expect(training.inputs).toMatchObject({ scale: 1 / 255 })
  expect(training.inputs.values.buffer).toBe(file.bytes)
  expect([...training.inputs.values.subarray(0, 4)]).toEqual([0, 0, 1, 1])
  expect([...training.targets.values.subarray(0, 6)]).toEqual([1, 0, 0, 0, 0, 1])
  expect(validation).toBeNull()
  expect(preprocessing).toEqual({
    version: 1,
    kind: 'images',
    shape: [1, 1, 2],
    scale: 1 / 255,
    target: { task: 'classification', classes: ['3', '7'], outputs: 1 },
  })
})

test('every image is in one part, with its label, and labels keep their proportions', () => {
  const { training, validation } = prepare(spec({ validation: { fraction: 0.25 } }), file)
  const parts = [training, validation!].flatMap(({ inputs, targets }) =>
    [...targets.values].map((code, n) => ({ image: inputs.values[2 * n], code })),
  )

  expect(validation?.rows).toBe(5)
  expect([...validation!.targets.values].filter((code) => code === 1)).toHaveLength(1)
  expect(parts.map(({ image }) => image).sort((a, b) => a - b)).toEqual([...Array(rows).keys()])
  for (const { image, code } of parts) expect(code).toBe(image % 5 === 0 ? 1 : 0)
})

test('images of their own to validate on have the classes of the training images', () => {
  const others = imageFile(idxFile([2, 1, 2], [9, 9, 8, 8]), idxFile([2], [7, 7]))
  const validation = { dataset: `ds_${'0'.repeat(32)}` }
  const data = prepare(spec({ validation }), file, others)

  expect(data.validation?.rows).toBe(2)
  expect([...data.validation!.targets.values]).toEqual([1, 1])
  expect(data.validation?.inputs.values.buffer).toBe(others.bytes)
})
