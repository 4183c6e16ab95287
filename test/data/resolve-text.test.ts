import { describe, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import { profileOf, readDataset } from './support/reading.ts'
import { specOf } from './support/specs.ts'
import { thrownBy } from './support/thrown.ts'

const { profile } = readDataset('text', 'to be or not to be, '.repeat(10))
const text = { context: 8 }

function resolve(
  parts: Parameters<typeof specOf>[0],
  training = profile,
  validation = null as typeof profile | null,
) {
  return resolveTask(specOf({ target: undefined, text, ...parts }), training, validation)
}

describe('a task on a text', () => {
  test('reads windows from every place, and foretells one of all characters', () => {
    expect(resolve({})).toMatchObject({
      kind: 'text',
      task: 'language_modeling',
      inputShape: [8],
      outputs: 8,
      lossName: 'categorical_cross_entropy',
      trainingRows: 192,
      validationRows: 0,
    })
  })

  test('holds out the end of the text, in windows that do not overlap', () => {
    expect(resolve({ training: { validation: { fraction: 0.1 } } })).toMatchObject({
      tokens: { training: 180, validation: 20 },
      trainingRows: 172,
      validationRows: 2,
    })
  })

  test('or has a text of its own to validate on', () => {
    const validation = { dataset: `ds_${'1'.repeat(32)}` }
    expect(resolve({ training: { validation } }, profile, profile)).toMatchObject({
      trainingRows: 192,
      validationRows: 24,
    })
  })
})

describe('what does not fit is told with its place', () => {
  const table = profileOf('csv', 'a,y\n1,2\n')
  const shortText = readDataset('text', 'short').profile
  const cases: [string, () => unknown, string, string, RegExp][] = [
    [
      'no way to read it',
      () => resolve({ text: undefined }),
      '/text',
      'text_required',
      /"context": 64/,
    ],
    [
      'a target',
      () => resolve({ target: { column: 'y' } }),
      '/target',
      'no_columns',
      /Leave "target" out/,
    ],
    [
      'features',
      () => resolve({ features: {} }),
      '/features',
      'no_columns',
      /Leave "features" out/,
    ],
    [
      'a loss for quantities',
      () => resolve({ loss: 'mean_squared_error' }),
      '/loss',
      'loss_mismatch',
      /categorical_cross_entropy/,
    ],
    [
      'too little text',
      () => resolve({}, shortText),
      '/text/context',
      'text_too_short',
      /5 characters .* needs 9/,
    ],
    [
      'too little of it held out',
      () => resolve({ training: { validation: { fraction: 0.01 } } }),
      '/training/validation/fraction',
      'text_too_short',
      /2 characters to validate on/,
    ],
    [
      'a validation text that is too short',
      () =>
        resolve(
          { training: { validation: { dataset: `ds_${'1'.repeat(32)}` } } },
          profile,
          shortText,
        ),
      '/training/validation/dataset',
      'text_too_short',
      /5 characters to validate on/,
    ],
    [
      'a table to validate on',
      () =>
        resolve({ training: { validation: { dataset: `ds_${'1'.repeat(32)}` } } }, profile, table),
      '/training/validation/dataset',
      'validation_mismatch',
      /is a table, but the training dataset is plain text/,
    ],
    [
      'characters to validate on that the vocabulary lacks',
      () =>
        resolve(
          { training: { validation: { dataset: `ds_${'1'.repeat(32)}` } } },
          profile,
          readDataset('text', 'to be or not,\u202e he wondered').profile,
        ),
      '/training/validation/dataset',
      'unknown_characters',
      /has not, 4 in all: "d", "h", "w", U\+202E\./,
    ],
    [
      'more characters to validate on than the vocabulary has, too many to name',
      () =>
        resolve({ training: { validation: { dataset: `ds_${'1'.repeat(32)}` } } }, profile, {
          ...{ kind: 'text', characters: 1e6, lines: 1, vocabulary: 20_000, warnings: [] },
        }),
      '/training/validation/dataset',
      'unknown_characters',
      /has 20000 distinct characters, the training one 8\./,
    ],
    [
      'one character, over and over',
      () => resolve({}, readDataset('text', 'a'.repeat(20)).profile),
      '/dataset',
      'one_character',
      /at least two/,
    ],
    [
      'too many characters',
      () =>
        resolve({}, { kind: 'text', characters: 1e6, lines: 1, vocabulary: null, warnings: [] }),
      '/dataset',
      'too_many_characters',
      /more than 65536/,
    ],
    [
      'a way to read text, for a table',
      () => resolve({ target: { column: 'y' } }, table),
      '/text',
      'not_text',
      /is a table/,
    ],
    [
      'a table without a target',
      () => resolve({ text: undefined }, table),
      '/target',
      'target_required',
      /"target": \{"column": "y"\}/,
    ],
  ]

  test.each(cases)('%s', (_name, run, pointer, code, detail) => {
    const error = thrownBy(run)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).errors).toContainEqual({
      pointer,
      code,
      detail: expect.stringMatching(detail),
    })
  })

  test('everything at once', () => {
    const error = thrownBy(() => resolve({ text: undefined, target: { column: 'y' } }))
    expect((error as AppError).errors?.map(({ pointer }) => pointer)).toEqual(['/target', '/text'])
  })
})
