import { describe, expect, test } from 'vitest'

import { maxCategories } from '../../../src/contract/datasets.ts'
import { profileOf } from '../support/reading.ts'

/** The profile of a column that stands beside another, so that no line is blank. */
function columnOf(cells: readonly string[], header = 'x') {
  const { columns, warnings } = profileOf(
    'csv',
    [`${header},y`, ...cells.map((cell) => `${cell},1`)].join('\n'),
  )
  return { ...columns[0], warnings }
}

describe('the type of a column', () => {
  test.each([
    [['1', '2.5', '-3e2'], 'numeric'],
    [['0', '1', '1'], 'numeric'],
    [['1', '', 'NA'], 'numeric'],
    [['true', 'FALSE', 'True'], 'boolean'],
    [['yes', 'No', ''], 'boolean'],
    [['true', 'true'], 'boolean'],
    [['true', 'no'], 'categorical'],
    [['true', 'maybe'], 'categorical'],
    [['true', '1'], 'categorical'],
    [['a', 'b', 'a'], 'categorical'],
    [['1', '2', 'b'], 'categorical'],
    [['Infinity', 'a'], 'categorical'],
    [['', 'NaN', 'null'], 'text'],
    [['x'.repeat(300), 'a'], 'text'],
  ])('%j is %s', (cells, type) => {
    expect(columnOf(cells).type).toBe(type)
  })

  test(`is text beyond ${maxCategories} different values, and categorical up to there`, () => {
    const cells = Array.from({ length: maxCategories }, (_, i) => `c${i}`)

    expect(columnOf([...cells, 'c1'])).toMatchObject({ type: 'categorical', distinct: 1000 })
    expect(columnOf([...cells, 'd'])).toMatchObject({
      type: 'text',
      distinct: null,
      categories: null,
    })
    expect(columnOf([...cells.slice(1), '7', '8'])).toMatchObject({
      type: 'text',
      categories: null,
    })
  })

  test('in JSON, text that looks like a number is text', () => {
    const { columns } = profileOf('jsonl', '{"zip":"01234","n":5,"b":true}\n{"b":false}\n')

    expect(columns.map(({ type }) => type)).toEqual(['categorical', 'numeric', 'boolean'])
    expect(columns[0].categories).toEqual(['01234'])
  })
})

describe('the categories of a column', () => {
  test('text is sorted by code unit, with counts', () => {
    expect(columnOf(['b', 'é', 'a', 'B', 'b'])).toMatchObject({
      categories: ['B', 'a', 'b', 'é'],
      category_counts: [1, 1, 2, 1],
      distinct: 4,
    })
  })

  test('numbers are sorted by size, in the form that JavaScript prints', () => {
    expect(columnOf(['10', '9', '1.0', '1', '-0', '0', '1e21'])).toMatchObject({
      categories: ['0', '1', '9', '10', '1e+21'],
      category_counts: [2, 2, 1, 1, 1],
    })
  })

  test('numbers among text are the text that JavaScript prints', () => {
    expect(columnOf(['1.0', 'x', '1', '02'])).toMatchObject({
      categories: ['1', '2', 'x'],
      category_counts: [2, 1, 1],
    })
  })

  test('truth values are lower case, false before true and no before yes', () => {
    expect(columnOf(['TRUE', 'True', 'false'])).toMatchObject({
      categories: ['false', 'true'],
      category_counts: [1, 2],
    })
    expect(columnOf(['Yes', 'NO ', 'yes'])).toMatchObject({ categories: ['no', 'yes'] })
  })

  test(`measurements with more than ${maxCategories} different values have none`, () => {
    const cells = Array.from({ length: maxCategories + 1 }, (_, i) => String(i / 8))

    expect(columnOf(cells)).toMatchObject({
      type: 'numeric',
      distinct: null,
      categories: null,
      category_counts: null,
    })
  })
})

describe('the numbers of a column', () => {
  test('give extremes, mean and standard deviation of the population', () => {
    // By hand: mean 5, squares 9+1+1+1+0+0+4+16 = 32, 32/8 = 4.
    expect(columnOf(['2', '4', '4', '4', '5', '5', '7', '9', ''])).toMatchObject({
      min: 2,
      max: 9,
      mean: 5,
      standard_deviation: 2,
      integer: true,
    })
  })

  test('far from zero lose nothing', () => {
    const column = columnOf(['1000000001', '1000000002', '1000000003'])

    expect(column.mean).toBe(1_000_000_002)
    expect(column.standard_deviation).toBeCloseTo(Math.sqrt(2 / 3), 12)
  })

  test('near the end of the range give no mean that is not finite', () => {
    const column = columnOf(['1.7e308', '-1.7e308', '1.7e308'])

    expect(column).toMatchObject({ type: 'numeric', max: 1.7e308 })
    expect([column.mean, column.standard_deviation]).toEqual([null, null])
  })

  test('are null for other types', () => {
    expect(columnOf(['a', 'b'])).toMatchObject({
      min: null,
      max: null,
      mean: null,
      standard_deviation: null,
      integer: false,
    })
  })
})

describe('missing values', () => {
  test('are counted, and the first is named', () => {
    expect(columnOf(['1', '', 'NA', '2'])).toMatchObject({ missing: 2, first_missing_row: 2 })
    expect(columnOf(['1', '2'])).toMatchObject({ missing: 0, first_missing_row: null })
  })

  test('count from the first row for a column that comes late', () => {
    const { columns, rows } = profileOf('jsonl', '{"a":1}\n{"a":2}\n{"b":"x"}\n')

    expect(rows).toBe(3)
    expect(columns).toMatchObject([
      { name: 'a', missing: 1, first_missing_row: 3 },
      { name: 'b', missing: 2, first_missing_row: 1, categories: ['x'] },
    ])
  })
})

describe('warnings', () => {
  test('name the first text among numbers, and how many are numbers', () => {
    const cells = [...Array.from({ length: 199 }, (_, i) => String(i)), 'abc']

    expect(columnOf(cells, 'age').warnings).toEqual([
      'Column "age": row 200 has "abc", but 99.5 % of its values are numbers. It was read as categorical.',
    ])
  })

  test('name a column without values', () => {
    expect(columnOf(['', ''], 'age').warnings).toEqual([
      'Column "age" is empty: it can be no feature.',
    ])
  })

  test('are not there for a plain table, and end at a hundred', () => {
    expect(columnOf(['1', '2']).warnings).toEqual([])
    const names = Array.from({ length: 150 }, (_, i) => `c${i}`)
    const { warnings } = profileOf('csv', `${names.join(',')}\n${','.repeat(149)}\n`)

    expect(warnings).toHaveLength(101)
    expect(warnings.at(-1)).toBe('And 50 more warnings.')
  })
})
