import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { DatasetProfile } from '../../../src/contract/datasets.ts'
import { readDataset } from '../support/reading.ts'

describe('the shipped examples', () => {
  test('iris has the figures of its textbooks', () => {
    const { profile, preview } = readDataset('csv', readFileSync('examples/data/iris.csv'))

    // Means and deviations as scikit-learn's description of the dataset has them.
    expect(DatasetProfile.parse(profile)).toMatchObject({ kind: 'table', rows: 150, warnings: [] })
    expect(profile).toMatchObject({
      columns: [
        { name: 'sepal_length', min: 4.3, max: 7.9, mean: expect.closeTo(5.8433, 4) },
        { name: 'sepal_width', min: 2, max: 4.4, mean: expect.closeTo(3.0573, 4) },
        { name: 'petal_length', min: 1, max: 6.9, mean: expect.closeTo(3.758, 4) },
        { name: 'petal_width', standard_deviation: expect.closeTo(0.7597, 4), integer: false },
        {
          type: 'categorical',
          categories: ['setosa', 'versicolor', 'virginica'],
          category_counts: [50, 50, 50],
        },
      ],
    })
    expect(preview).toHaveLength(100)
    expect(preview[0]).toEqual([5.1, 3.5, 1.4, 0.2, 'setosa'])
  })

  test('digits has 64 whole numbers and ten classes', () => {
    const { profile } = readDataset('csv', readFileSync('examples/data/digits.csv'))
    if (profile.kind !== 'table') throw new Error('expected a table')

    expect(profile).toMatchObject({ rows: 1797, warnings: [] })
    expect(profile.columns).toHaveLength(65)
    expect(profile.columns.every(({ type, integer }) => type === 'numeric' && integer)).toBe(true)
    expect(profile.columns[64].categories).toEqual([...'0123456789'])
    expect(profile.columns[64].category_counts?.reduce((a, b) => a + b)).toBe(1797)
  })
})

describe('the preview', () => {
  test('has rows of one length, truth values as such, and missing values as null', () => {
    const { preview } = readDataset('csv', 'a,b,c\nYes,1,x\n,NA,2\n')

    expect(preview).toEqual([
      [true, 1, 'x'],
      [null, null, 2],
    ])
    expect(readDataset('jsonl', '{"a":1}\n{"b":2}\n').preview).toEqual([
      [1, null],
      [null, 2],
    ])
  })

  test('ends at 256 KiB, so that wide rows do not make it large', () => {
    const row = `{"a":"${'x'.repeat(60_000)}"}\n`
    const { preview } = readDataset('jsonl', row.repeat(10))

    expect(preview).toHaveLength(4)
  })
})

test('plain text is counted and has no preview', () => {
  expect(readDataset('text', 'To be,\nor not')).toEqual({
    profile: {
      kind: 'text',
      characters: 13,
      lines: 2,
      vocabulary: 10,
      alphabet: '\n ,Tbenort',
      warnings: [],
    },
    preview: [],
  })
})
