import { expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile } from '../../src/contract/tasks.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import { prepareData } from '../../src/threads/prepare-data.ts'
import { textFile } from './support/datasets.ts'
import { aTextSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

function prepare(spec: Spec, training: DatasetFile, validation: DatasetFile | null = null) {
  const { task, progress } = prepareTask(spec, training, validation)
  progress.close()
  return prepareData(task, {
    resolved: resolveTask(spec, training.profile, validation?.profile ?? null),
    targetSize: 3,
    permutation: () => Uint32Array.of(),
    onProgress: () => {},
  })
}

const alphabet = textFile('abcdefghij')
const text = { context: 3 }

test('the end of the text is held out, with the characters of the whole', () => {
  const training = { validation: { fraction: 0.4 } }
  const data = prepare(aTextSpec({ text, training }), alphabet)

  expect(data.preprocessing).toEqual({
    version: 1,
    kind: 'text',
    tokenizer: 'characters',
    context: 3,
    characters: 'abcdefghij',
  })
  expect(data.training).toEqual({
    rows: 3,
    inputs: { values: Uint8Array.of(0, 1, 2, 3, 4), stride: 1 },
    targets: { values: Uint8Array.of(1, 2, 3, 4, 5), stride: 1 },
  })
  expect(data.validation).toEqual({
    rows: 1,
    inputs: { values: Uint8Array.of(6, 7, 8), stride: 3 },
    targets: { values: Uint8Array.of(7, 8, 9), stride: 3 },
  })
})

test('without validation all of the text is for training', () => {
  const { training, validation } = prepare(aTextSpec({ text }), alphabet)

  expect(training.rows).toBe(7)
  expect(validation).toBeNull()
})

const other = { validation: { dataset: `ds_${'0'.repeat(32)}` } }

test('a text of its own has the tokens of the training text', () => {
  const data = prepare(aTextSpec({ text, training: other }), alphabet, textFile('jihgfed'))

  expect(data.training.rows).toBe(7)
  expect(data.validation?.inputs.values).toEqual(Uint8Array.of(9, 8, 7, 6, 5, 4))
})

test('and no others', () => {
  const spec = aTextSpec({ text, training: other })
  const file = textFile('abcx')
  expect(() => prepare(spec, alphabet, file)).toThrow('has not, 1 in all: "x"')

  // Of so many that the profile does not name them, or uploaded before it did.
  const unnamed = { ...file, profile: { ...file.profile, alphabet: undefined } }
  expect(() => prepare(spec, alphabet, unnamed)).toThrow('has the character "x"')
})
