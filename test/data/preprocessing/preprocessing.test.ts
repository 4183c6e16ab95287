import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Row } from '../../../src/contract/datasets.ts'
import { Prediction } from '../../../src/contract/predictions.ts'
import { Preprocessing } from '../../../src/contract/preprocessing.ts'
import { DataError } from '../../../src/data/data-error.ts'
import { decodePredictions } from '../../../src/data/preprocessing/decode-predictions.ts'
import { decodeQuantities } from '../../../src/data/preprocessing/decode-quantities.ts'
import { encodeFeatures } from '../../../src/data/preprocessing/encode-features.ts'
import { encodeRows } from '../../../src/data/preprocessing/encode-rows.ts'
import { encodeTargets } from '../../../src/data/preprocessing/encode-targets.ts'
import { fitPreprocessing } from '../../../src/data/preprocessing/fit-preprocessing.ts'
import { resolveTable } from '../../../src/data/resolve-table.ts'
import type { Table } from '../../../src/data/table.ts'
import { profileOf, tableOf } from '../support/reading.ts'
import { specOf } from '../support/specs.ts'
import { thrownBy } from '../support/thrown.ts'

const file = [
  'n,b,c,y',
  '1,true,red,no',
  '3,false,blue,yes',
  ',,red,no',
  '5,true,,yes',
  '100,true,green,yes',
].join('\n')
const table = tableOf('csv', file)
const firstFour = Uint32Array.of(0, 1, 2, 3)

function fitted(parts: Parameters<typeof specOf>[0] = {}, rows = firstFour) {
  const spec = specOf(parts)
  return fitPreprocessing(table, rows, resolveTable(spec, profileOf('csv', file), null), spec)
}

/** Rows of numbers, to read. */
function rowsOf(values: Float32Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, n) => [
    ...values.subarray(n * width, (n + 1) * width),
  ])
}

describe('fitting', () => {
  test('standardizes by the training part alone, and notes which categories it has seen', () => {
    const preprocessing = fitted()

    // Of 1, 3 and 5: mean 3, variance (4 + 0 + 4) / 3. Neither 100 nor green is among them.
    expect(Preprocessing.parse(preprocessing)).toEqual({
      version: 1,
      inputs: 8,
      features: [
        {
          column: 'n',
          type: 'numeric',
          offset: 3,
          scale: Math.sqrt(8 / 3),
          impute: 3,
          missing_indicator: true,
        },
        { column: 'b', type: 'boolean', missing_indicator: true },
        {
          column: 'c',
          type: 'categorical',
          categories: ['blue', 'green', 'red'],
          seen: [true, false, true],
          missing_indicator: true,
        },
      ],
      target: { task: 'classification', column: 'y', classes: ['no', 'yes'], outputs: 1 },
    })
  })

  test.each([
    ['min_max', { offset: 1, scale: 4, impute: 3 }],
    ['none', { offset: 0, scale: 1, impute: 3 }],
  ])('with %s it scales accordingly', (scaling, expected) => {
    expect(fitted({ features: { scaling } }).features[0]).toMatchObject(expected)
  })

  test.each(['standardize', 'min_max'])(
    'with %s a constant or empty column divides by 1',
    (scaling) => {
      expect(fitted({ features: { scaling } }, Uint32Array.of(1)).features[0]).toMatchObject({
        offset: 3,
        scale: 1,
      })
      expect(fitted({ features: { scaling } }, Uint32Array.of(2)).features[0]).toMatchObject({
        offset: 0,
        scale: 1,
        impute: 0,
      })
    },
  )

  test('scales the targets of a regression when asked', () => {
    const spec = { target: { column: 'n' }, features: { target_scaling: 'min_max' } }
    const numbers = tableOf('csv', 'n,x\n2,1\n6,2\n4,3\n')
    const resolved = resolveTable(specOf(spec), profileOf('csv', 'n,x\n2,1\n6,2\n4,3\n'), null)
    const rows = Uint32Array.of(0, 1, 2)
    const preprocessing = fitPreprocessing(numbers, rows, resolved, specOf(spec))

    expect(preprocessing.target).toEqual({
      task: 'regression',
      columns: [{ column: 'n', offset: 2, scale: 4 }],
    })
    const encoded = encodeTargets(preprocessing, numbers, rows)
    expect([...encoded]).toEqual([0, 1, 0.5])
    expect([...decodeQuantities(preprocessing.target, encoded)]).toEqual([2, 6, 4])
  })
})

describe('encoding rows of a table', () => {
  test('gives the scaled number, the truth value, the category, and a sign for each missing one', () => {
    const encoded = encodeFeatures(fitted(), table, Uint32Array.of(0, 2, 3, 4))
    const one = Math.fround(1 / Math.sqrt(2 / 3)) // one step of 2, in deviations

    expect(rowsOf(encoded, 8)).toEqual([
      //  n  missing  b  missing  blue green red  missing
      [-one, 0, 1, 0, 0, 0, 1, 0],
      [0, 1, 0.5, 1, 0, 0, 1, 0],
      [one, 0, 1, 0, 0, 0, 0, 1],
      [expect.closeTo(97 / Math.sqrt(8 / 3), 4), 0, 1, 0, 0, 0, 0, 0], // green was not seen
    ])
  })

  test('has no sign for missing values where the training dataset has none', () => {
    const training = 'n,c,y\n1,red,no\n3,blue,yes\n'
    const validation = 'y,c,n\nyes,,\nno,pink,5\n'
    const spec = specOf({})
    const resolved = resolveTable(spec, profileOf('csv', training), profileOf('csv', validation))
    const rows = Uint32Array.of(0, 1)
    const preprocessing = fitPreprocessing(tableOf('csv', training), rows, resolved, spec)
    const other = tableOf('csv', validation)

    expect(rowsOf(encodeFeatures(preprocessing, other, rows), 3)).toEqual([
      [0, 0, 0], // the mean, and no category
      [3, 0, 0], // pink is not known
    ])
    expect([...encodeTargets(preprocessing, other, rows)]).toEqual([1, 0])
  })

  test('classes are indexes, also where they are numbers', () => {
    const digits = 'x,y\n1,10\n2,9\n3,10\n'
    const spec = specOf({ target: { column: 'y', task: 'classification' } })
    const resolved = resolveTable(spec, profileOf('csv', digits), null)
    const rows = Uint32Array.of(2, 1, 0)
    const preprocessing = fitPreprocessing(tableOf('csv', digits), rows, resolved, spec)

    expect(preprocessing.target).toMatchObject({ classes: ['9', '10'] })
    expect([...encodeTargets(preprocessing, tableOf('csv', digits), rows)]).toEqual([1, 0, 1])
  })

  test('refuses a table of other columns', () => {
    const other: Table = tableOf('csv', 'n,b,c,y\nhigh,true,red,no\n')

    expect(() => encodeFeatures(fitted(), other, Uint32Array.of(0))).toThrow(
      'Column "n": expected a numeric column, got a categorical one',
    )
    expect(() => encodeFeatures(fitted(), tableOf('csv', 'a,z\n1,2\n'), firstFour)).toThrow(
      DataError,
    )
  })
})

describe('encoding raw rows', () => {
  test('gives what the rows of the file gave', () => {
    const preprocessing = fitted()
    const raw: Row[] = [
      { n: 1, b: true, c: 'red' },
      { n: '3.0', b: 'FALSE', c: 'blue', y: 'yes', other: 'ignored' },
      { n: null, b: '', c: 'red' },
      { n: ' 5 ', b: 'True', c: 'NA' },
      { n: 1e2, b: true, c: 'green' },
    ]

    expect(encodeRows(preprocessing, raw)).toEqual(
      encodeFeatures(preprocessing, table, Uint32Array.of(0, 1, 2, 3, 4)),
    )
  })

  test('a category that was never there is all zeros', () => {
    const [row] = rowsOf(encodeRows(fitted(), [{ n: 3, b: true, c: 'pink' }]), 8)

    expect(row).toEqual([0, 0, 1, 0, 0, 0, 0, 0])
  })

  test('a category that reads like a missing value is a category', () => {
    const lines = '{"c":"NA","y":"a"}\n{"c":"EU","y":"b"}\n{"y":"b"}\n'
    const spec = specOf({})
    const resolved = resolveTable(spec, profileOf('jsonl', lines), null)
    const all = Uint32Array.of(0, 1, 2)
    const preprocessing = fitPreprocessing(tableOf('jsonl', lines), all, resolved, spec)

    expect(rowsOf(encodeRows(preprocessing, [{ c: 'NA' }, { c: 'n/a' }, { c: null }]), 3)).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
    ])
  })

  test('numbers among categories are found however they are written', () => {
    const zips = 'zip,y\n02139,a\nEC1,b\n'
    const spec = specOf({})
    const resolved = resolveTable(spec, profileOf('csv', zips), null)
    const both = Uint32Array.of(0, 1)
    const preprocessing = fitPreprocessing(tableOf('csv', zips), both, resolved, spec)
    const rows = [{ zip: '02139' }, { zip: 2139 }, { zip: '2139.0' }, { zip: 'EC1' }]

    expect(rowsOf(encodeRows(preprocessing, rows), 2)).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
    ])
  })

  test.each([
    ['a word for a number', { n: 'many', b: true, c: 'red' }, 'expected a number, got "many"', 'n'],
    [
      'a truth value for a number',
      { n: true, b: true, c: 'red' },
      'expected a number, got true',
      'n',
    ],
    ['a number too large', { n: '1e999', b: true, c: 'red' }, 'expected a number', 'n'],
    ['a number beyond float32', { n: 1e300, b: true, c: 'red' }, 'too large', 'n'],
    ['a number for a truth value', { n: 1, b: 1, c: 'red' }, 'expected true or false, got 1', 'b'],
    ['a row without a column', { n: 1, c: 'red' }, 'a value or null for "b", got nothing', 'b'],
    ['an empty row', {}, '"n", "b", "c"', 'n'],
  ])('refuses %s, with the row and the column', (_, row, says, column) => {
    const good = { n: 1, b: true, c: 'red' }
    const error = thrownBy(() => encodeRows(fitted(), [good, row]))

    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ message: expect.stringContaining(says), row: 2, column })
  })

  test('columns named like the insides of JavaScript must be there too', () => {
    const odd = 'constructor,y\n1,a\n2,b\n'
    const spec = specOf({})
    const resolved = resolveTable(spec, profileOf('csv', odd), null)
    const preprocessing = fitPreprocessing(
      tableOf('csv', odd),
      Uint32Array.of(0, 1),
      resolved,
      spec,
    )

    expect(() => encodeRows(preprocessing, [{}])).toThrow('a value or null for "constructor"')
    expect([...encodeRows(preprocessing, [{ constructor: 2 }])]).toEqual([1])
  })
})

describe('decoding predictions', () => {
  const threeClasses: Preprocessing = {
    version: 1,
    inputs: 1,
    features: [],
    target: { task: 'classification', column: 'y', classes: ['a', 'b', 'c'], outputs: 3 },
  }

  test('one output is the probability of the second class', () => {
    const predictions = decodePredictions(fitted().target, Float32Array.of(0.25, 0.75, 0.5), 3)

    expect(predictions).toEqual([
      { label: 'no', probability: 0.75, probabilities: { no: 0.75, yes: 0.25 } },
      { label: 'yes', probability: 0.75, probabilities: { no: 0.25, yes: 0.75 } },
      { label: 'no', probability: 0.5, probabilities: { no: 0.5, yes: 0.5 } }, // the first of a tie
    ])
    for (const prediction of predictions) Prediction.parse(prediction)
  })

  test('one output per class gives the most probable, the first of a tie', () => {
    const outputs = Float32Array.of(0.25, 0.25, 0.5, 0.375, 0.375, 0.25)

    expect(decodePredictions(threeClasses.target, outputs, 2)).toEqual([
      { label: 'c', probability: 0.5, probabilities: { a: 0.25, b: 0.25, c: 0.5 } },
      { label: 'a', probability: 0.375, probabilities: { a: 0.375, b: 0.375, c: 0.25 } },
    ])
  })

  test('quantities come back in the units of the dataset, by column; null where not finite', () => {
    const preprocessing: Preprocessing = {
      version: 1,
      inputs: 1,
      features: [],
      target: {
        task: 'regression',
        columns: [
          { column: 'p', offset: 10, scale: 2 },
          { column: '__proto__', offset: 0, scale: 1 },
        ],
      },
    }
    const [first, second] = decodePredictions(
      preprocessing.target,
      Float32Array.of(1, 2, Number.NaN, Infinity),
      2,
    )

    expect(JSON.stringify(first)).toBe('{"values":{"p":12,"__proto__":2}}')
    expect(JSON.stringify(second)).toBe('{"values":{"p":null,"__proto__":null}}')
  })

  test('a class without a finite probability is refused, with the row', () => {
    const outputs = Float32Array.of(0.2, 0.3, 0.5, 0.2, Number.NaN, 0.5)

    expect(thrownBy(() => decodePredictions(threeClasses.target, outputs, 2))).toMatchObject({
      row: 2,
      message: expect.stringContaining('no finite number'),
    })
  })
})

test('what is encoded can be decoded, to the precision of float32', () => {
  const columns = fc.record({
    offset: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    scale: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  })
  fc.assert(
    fc.property(columns, ({ offset, scale, value }) => {
      const preprocessing: Preprocessing = {
        version: 1,
        inputs: 0,
        features: [],
        target: { task: 'regression', columns: [{ column: 'y', offset, scale }] },
      }
      const one: Table = {
        rows: 1,
        columns: new Map([['y', { type: 'numeric', values: Float64Array.of(value) }]]),
      }
      const encoded = encodeTargets(preprocessing, one, Uint32Array.of(0))
      const [decoded] = decodeQuantities(preprocessing.target, encoded)

      // Half a unit in the last of 24 bits, of both terms; near zero, of the smallest float32.
      const rounding = 1e-7 * (Math.abs(value - offset) + Math.abs(offset)) + 1e-45 * scale
      expect(Math.abs(decoded - value)).toBeLessThanOrEqual(rounding)
    }),
  )
})
