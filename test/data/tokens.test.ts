/** @file Columns that an embedding reads must be tokens: whole numbers from 0, and unscaled. */
import { expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { resolveTable } from '../../src/data/resolve-table.ts'
import { profileOf } from './support/reading.ts'
import { specOf } from './support/specs.ts'

const tokens = profileOf('csv', 'a,b,y\n0,33,0.5\n7,0,1\n')

function complaintsOf(
  { vocabulary = 34, features = { scaling: 'none' } as object, before = [] as object[] },
  profile = tokens,
  validation = null as typeof tokens | null,
) {
  const embedding = { type: 'embedding', vocabulary, channels: 4 }
  const layers = [...before, embedding, { type: 'flatten' }, { type: 'dense', units: 1 }]
  const other = { validation: { dataset: `ds_${'1'.repeat(32)}` } }
  const model = { type: 'layers', layers }
  const target = { column: 'y' }
  const training = validation ? other : {}
  try {
    resolveTable(specOf({ target, features, model, training }), profile, validation)
  } catch (error) {
    if (error instanceof AppError) return error.errors
    throw error
  }
  return []
}

test('whole numbers below the vocabulary are tokens', () => {
  expect(complaintsOf({})).toEqual([])
  expect(complaintsOf({ vocabulary: 33 })).toEqual([
    {
      pointer: '/model/layers/0/vocabulary',
      code: 'vocabulary_too_small',
      detail:
        'The tokens of column "b" go up to 33, so the embedding needs a vocabulary of at least 34, got 33.',
    },
  ])
})

test('tokens that no vocabulary has room for', () => {
  expect(complaintsOf({}, profileOf('csv', 'a,b,y\n0,65536,0.5\n7,0,1\n'))).toMatchObject([
    { detail: expect.stringMatching(/up to 65536, but an embedding has at most 65536\. Exclude/) },
  ])
})

test.each([
  [{}, 'standardize'],
  [{ scaling: 'min_max' }, 'min_max'],
])('scaled numbers are none (%#)', (features, scaling) => {
  expect(complaintsOf({ features })).toEqual([
    {
      pointer: '/features/scaling',
      code: 'scaled_tokens',
      detail: `An embedding reads tokens, which are whole numbers, but numeric columns such as "a" are scaled (${scaling}). Set "scaling": "none" in the features.`,
    },
  ])
})

test.each([
  ['0.5', 'column "a" has values that are no whole numbers'],
  ['-1', 'column "a" has values down to -1'],
  ['', 'column "a" has missing values, which become a mean'],
])('neither is %j', (cell, why) => {
  const profile = profileOf('csv', `a,b,y\n${cell},1,0.5\n7,0,1\n`)
  const expected = [
    {
      pointer: '/model/layers/0',
      code: 'not_tokens',
      detail: `An embedding reads tokens, whole numbers from 0, but ${why}. Exclude the column, or mend it.`,
    },
  ]
  expect(complaintsOf({}, profile)).toEqual(expected)
  const validation = complaintsOf({}, tokens, profile)
  expect(validation).toMatchObject([
    { detail: expect.stringContaining('column "a" of the validation dataset') },
  ])
})

test('scaling and values are complained of at once, and of five columns at most', () => {
  const names = [...'abcdefg']
  const rows = [names.map(() => 0.5), names.map(() => 1.5)].map((row) => `${row.join()},1`)
  const profile = profileOf('csv', `${names.join()},y\n${rows.join('\n')}\n`)

  const complaints = complaintsOf({ features: {} }, profile)
  expect(complaints?.map(({ code }) => code)).toEqual([
    'scaled_tokens',
    ...Array(5).fill('not_tokens'),
  ])
})

test('categories and booleans are the tokens 0 and 1, whatever the scaling', () => {
  const profile = profileOf('csv', 'a,b,y\nx,yes,0.5\nz,no,1\n,no,1\n')
  expect(complaintsOf({ vocabulary: 2, features: {} }, profile)).toEqual([])
  expect(complaintsOf({ vocabulary: 1, features: {} }, profile)).toMatchObject([
    { pointer: '/model/layers/0/vocabulary' },
  ])
  const unknown = profileOf('csv', 'a,b,y\nx,,0.5\nz,no,1\nx,yes,1\n')
  expect(complaintsOf({}, unknown)).toMatchObject([{ code: 'not_tokens' }])
})

test('an excluded column may be anything, and so may all where no embedding comes first', () => {
  const profile = profileOf('csv', 'a,b,y\n0.5,1,0.5\n7,0,1\n')
  expect(complaintsOf({ features: { scaling: 'none', exclude: ['a'] } }, profile)).toEqual([])
  expect(complaintsOf({ before: [{ type: 'relu' }] }, profile)).toEqual([])
})
