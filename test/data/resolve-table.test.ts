import { describe, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { resolveTable } from '../../src/data/resolve-table.ts'
import { SpecError } from '../../src/data/spec-error.ts'
import { profileOf } from './support/reading.ts'
import { specOf } from './support/specs.ts'
import { thrownBy } from './support/thrown.ts'

const letters = [...'abcdefghij']
const id = `ds_${'1'.repeat(32)}`

/** n: numeric; b: boolean; c: categorical; gap: numeric with a missing value; note, void: text. */
const people = profileOf(
  'csv',
  [
    'n,b,c,gap,note,void,y,q,one',
    ...letters.map((letter, i) => {
      const note = letter.repeat(300)
      const gap = i === 3 ? '' : i
      return `${i / 2},${i % 2 ? 'yes' : 'no'},${letters[i % 3]},${gap},${note},,${letters[i % 2]},${i % 3},x`
    }),
  ].join('\n'),
)

function resolve(
  parts: Parameters<typeof specOf>[0],
  profile = people,
  validation = null as typeof people | null,
) {
  return resolveTable(specOf(parts), profile, validation)
}

describe('a task', () => {
  test('has the width of its features, in the order of the file, and no text', () => {
    const task = resolve({})

    expect(task.features).toEqual([
      { column: 'n', type: 'numeric', categories: [], missingIndicator: false, width: 1 },
      { column: 'b', type: 'boolean', categories: [], missingIndicator: false, width: 1 },
      {
        column: 'c',
        type: 'categorical',
        categories: ['a', 'b', 'c'],
        missingIndicator: false,
        width: 3,
      },
      { column: 'gap', type: 'numeric', categories: [], missingIndicator: true, width: 2 },
      { column: 'q', type: 'numeric', categories: [], missingIndicator: false, width: 1 },
      { column: 'one', type: 'categorical', categories: ['x'], missingIndicator: false, width: 1 },
    ])
    expect(task.inputs).toBe(9)
    expect(task.excluded).toEqual([
      { column: 'note', reason: 'text with more than 1000 values, or long ones' },
      { column: 'void', reason: 'empty' },
    ])
    expect(task.columns).toEqual(new Set(['n', 'b', 'c', 'gap', 'q', 'one', 'y']))
  })

  test('has the features that are named, in that order, less those excluded', () => {
    const { features } = resolve({ features: { columns: ['q', 'c', 'n'], exclude: ['c'] } })

    expect(features.map(({ column }) => column)).toEqual(['q', 'n'])
  })

  test.each([
    [
      'text of two classes',
      { column: 'y' },
      undefined,
      'classification',
      'binary_cross_entropy',
      1,
      ['a', 'b'],
    ],
    [
      'a truth value',
      { column: 'b' },
      undefined,
      'classification',
      'binary_cross_entropy',
      1,
      ['no', 'yes'],
    ],
    [
      'text of three classes',
      { column: 'c' },
      undefined,
      'classification',
      'categorical_cross_entropy',
      3,
      ['a', 'b', 'c'],
    ],
    [
      'two classes behind a softmax',
      { column: 'y' },
      'categorical_cross_entropy',
      'classification',
      'categorical_cross_entropy',
      2,
      ['a', 'b'],
    ],
    ['a number', { column: 'q' }, undefined, 'regression', 'mean_squared_error', 1, null],
    [
      'numbers as classes',
      { column: 'q', task: 'classification' },
      undefined,
      'classification',
      'categorical_cross_entropy',
      3,
      ['0', '1', '2'],
    ],
    [
      'several numbers',
      { columns: ['q', 'n'] },
      undefined,
      'regression',
      'mean_squared_error',
      2,
      null,
    ],
  ])('from %s', (_, target, loss, task, lossName, outputs, classes) => {
    expect(resolve({ target, loss })).toMatchObject({ task, lossName, outputs, classes })
  })

  test.each([
    [undefined, 10, 0],
    [{ fraction: 0.3 }, 7, 3],
    [{ fraction: 0.01 }, 9, 1],
    [{ fraction: 0.99, stratify: false }, 1, 9],
    [{ dataset: id }, 10, 10],
  ])(
    'with validation %j has %d rows to learn from and %d held out',
    (validation, training, held) => {
      expect(resolve({ training: { validation } }, people, people)).toMatchObject({
        trainingRows: training,
        validationRows: held,
      })
    },
  )
})

describe('a spec is refused', () => {
  const huge = profileOf('csv', 'x,y\n1e39,1\n2,2\n')
  const lone = profileOf('csv', 'x,y\n1,2\n')
  const same = profileOf('csv', 'x,y\n1,a\n2,a\n')
  const many = profileOf(
    'csv',
    `x,y\n${Array.from({ length: 1001 }, (_, i) => `${i},${i / 8}`).join('\n')}\n`,
  )

  test.each([
    [
      'without its target',
      { target: { column: 'z' } },
      people,
      '/target/column',
      'column_not_found',
      'There is no column "z"',
    ],
    [
      'for a slip of the pen',
      { target: { column: 'Gaps' } },
      people,
      '/target/column',
      'column_not_found',
      'Did you mean "gap"?',
    ],
    [
      'for another case',
      { target: { column: 'NOTE ' } },
      people,
      '/target/column',
      'column_not_found',
      'Did you mean "note"?',
    ],
    [
      'for a target with gaps',
      { target: { column: 'gap' } },
      people,
      '/target/column',
      'target_missing',
      'no value in row 4',
    ],
    [
      'for an empty target',
      { target: { column: 'void' } },
      people,
      '/target/column',
      'target_missing',
      'no value in 10 rows, first in row 1',
    ],
    [
      'for one class only',
      {},
      same,
      '/target/column',
      'one_class',
      'has the value "a" in every row',
    ],
    [
      'for one number only as class',
      { target: { column: 'x', task: 'classification' } },
      lone,
      '/target/column',
      'one_class',
      '"1"',
    ],
    [
      'for too many classes',
      { target: { column: 'y', task: 'classification' } },
      many,
      '/target/column',
      'too_many_classes',
      'at most 1000',
    ],
    [
      'for a text target',
      { target: { column: 'note' } },
      people,
      '/target/column',
      'too_many_classes',
      '"note"',
    ],
    [
      'for a regression of text',
      { target: { column: 'c', task: 'regression' } },
      people,
      '/target/column',
      'target_not_numeric',
      'is categorical',
    ],
    [
      'for a text among quantities',
      { target: { columns: ['n', 'c'] } },
      people,
      '/target/columns/1',
      'target_not_numeric',
      '"c"',
    ],
    [
      'for a quantity named twice',
      { target: { columns: ['n', 'n'] } },
      people,
      '/target/columns/1',
      'duplicate_column',
      'twice',
    ],
    [
      'for a quantity that is not there',
      { target: { columns: ['q', 'nn'] } },
      people,
      '/target/columns/1',
      'column_not_found',
      '"nn"',
    ],
    [
      'for quantities beyond float32',
      { target: { column: 'x' } },
      huge,
      '/target/column',
      'out_of_range',
      '1e+39',
    ],
    ['for features beyond float32', {}, huge, '/features/exclude', 'out_of_range', '3.4e38'],
    [
      'for a named feature beyond float32',
      { features: { columns: ['x'] } },
      huge,
      '/features/columns/0',
      'out_of_range',
      '3.4e38',
    ],
    [
      'for text as a feature',
      { features: { columns: ['n', 'note'] } },
      people,
      '/features/columns/1',
      'text_feature',
      'text with more than 1000',
    ],
    [
      'for an empty feature',
      { features: { columns: ['void'] } },
      people,
      '/features/columns/0',
      'text_feature',
      'is empty',
    ],
    [
      'for the target as a feature',
      { features: { columns: ['y', 'n'] } },
      people,
      '/features/columns/0',
      'target_as_feature',
      '"y"',
    ],
    [
      'for a feature named twice',
      { features: { columns: ['n', 'n'] } },
      people,
      '/features/columns/1',
      'duplicate_column',
      'twice',
    ],
    [
      'for an unknown feature',
      { features: { columns: ['n', 'gip'] } },
      people,
      '/features/columns/1',
      'column_not_found',
      'Did you mean "gap"?',
    ],
    [
      'for an unknown exclusion',
      { features: { exclude: ['nota'] } },
      people,
      '/features/exclude/0',
      'column_not_found',
      'Did you mean "note"?',
    ],
    [
      'without features',
      { features: { exclude: ['x'] } },
      many,
      '/features',
      'no_features',
      'No column is left',
    ],
    [
      'for a loss of classes on a quantity',
      { target: { column: 'q' }, loss: 'categorical_cross_entropy' },
      people,
      '/loss',
      'loss_mismatch',
      'quantity',
    ],
    [
      'for a loss of quantities on classes',
      { loss: 'mean_squared_error' },
      people,
      '/loss',
      'loss_mismatch',
      'binary_cross_entropy',
    ],
    [
      'for a loss of two on three classes',
      { target: { column: 'c' }, loss: 'binary_cross_entropy' },
      people,
      '/loss',
      'loss_mismatch',
      'has 3',
    ],
    [
      'for a single row to split',
      { training: { validation: { fraction: 0.5 } } },
      lone,
      '/training/validation/fraction',
      'too_few_rows',
      '1 row',
    ],
  ])('%s', (_, parts, profile, pointer, code, says) => {
    const error = thrownBy(() => resolve(parts, profile))

    expect(error).toBeInstanceOf(SpecError)
    expect((error as SpecError).errors).toEqual([
      { pointer, code, detail: expect.stringContaining(says) },
    ])
  })

  test('with all that is wrong at once, as an error for clients', () => {
    const error = thrownBy(() =>
      resolve({
        target: { column: 'gap' },
        features: { columns: ['nn', 'note'], exclude: ['oone'] },
      }),
    )

    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({
      code: 'invalid_spec',
      message: expect.stringMatching(/and 3 more/),
    })
    expect((error as SpecError).errors?.map(({ pointer }) => pointer)).toEqual([
      '/target/column',
      '/features/exclude/0',
      '/features/columns/0',
      '/features/columns/1',
    ])
  })

  test('with twenty complaints at most', () => {
    const columns = Array.from({ length: 100 }, (_, i) => `unknown${i}`)

    expect((thrownBy(() => resolve({ features: { columns } })) as SpecError).errors).toHaveLength(
      20,
    )
  })
})

describe('a validation dataset', () => {
  const training = profileOf('csv', 'x,c,y,id\n1,a,red,1\n2,b,blue,2\n3,a,blue,3\n')
  const spec = { features: { exclude: ['id'] }, training: { validation: { dataset: id } } }

  test('may have other columns, an order of its own, fewer classes, unseen categories', () => {
    const validation = profileOf('csv', 'y,extra,c,x\nred,1,z,5\nred,1,a,\n')

    expect(resolve(spec, training, validation)).toMatchObject({
      trainingRows: 3,
      validationRows: 2,
    })
  })

  test.each([
    ['without a column', 'x,y\n1,red\n', 'has no column "c"'],
    [
      'with a column of another type',
      'x,c,y\nhigh,a,red\n',
      '"x" is categorical in the validation dataset, but numeric',
    ],
    ['with a class that is not known', 'x,c,y\n1,a,green\n2,b,red\n', 'does not have: "green"'],
    [
      'with gaps in the target',
      'x,c,y\n1,a,red\n2,b,\n',
      'no value in 1 rows of the validation dataset, first in row 2',
    ],
    ['with numbers beyond float32', 'x,c,y\n1e39,a,red\n', '3.4e38'],
  ])('is refused %s', (_, file, says) => {
    const error = thrownBy(() => resolve(spec, training, profileOf('csv', file)))

    expect((error as SpecError).errors).toEqual([
      {
        pointer: '/training/validation/dataset',
        code: 'validation_mismatch',
        detail: expect.stringContaining(says),
      },
    ])
  })
})

describe('columns as an image', () => {
  const pixels = profileOf('csv', 'a,b,c,d,y,word,gap\n1,2,3,4,x,u,\n5,6,7,8,z,v,1\n')
  const four = ['a', 'b', 'c', 'd']
  const shaped = (features: object, model?: unknown) =>
    resolve({ features, ...(model ? { model } : {}) }, pixels)
  const layers = { type: 'layers', layers: [{ type: 'dense', units: 1 }] }

  test('have its shape for layers, and are a row for an mlp', () => {
    const features = { columns: four, image: { shape: [1, 2, 2] } }

    expect(shaped(features, layers)).toMatchObject({ inputs: 4, inputShape: [1, 2, 2] })
    expect(shaped(features)).toMatchObject({ inputs: 4, inputShape: [4] })
  })

  test('must be as many as it has pixels', () => {
    const error = thrownBy(() => shaped({ columns: four, image: { shape: [1, 2, 3] } }))
    expect((error as AppError).errors).toEqual([
      {
        pointer: '/features/image/shape',
        code: 'shape_mismatch',
        detail: 'An image of 1 × 2 × 3 takes 6 columns, but there are 4.',
      },
    ])
  })

  test('must be numbers, and all there', () => {
    const error = thrownBy(() => shaped({ image: { shape: [1, 2, 3] } }))
    const details = (error as AppError).errors?.map(({ detail }) => detail)
    expect(details).toEqual([
      'Column "word" is categorical, so it can be no pixel. Exclude it, or fill it in.',
      'Column "gap" has missing values, so it can be no pixel. Exclude it, or fill it in.',
    ])
  })
})
