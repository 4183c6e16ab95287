import { describe, expect, test } from 'vitest'

import { csvCell } from '../../../src/data/parsers/csv-cell.ts'

describe('a CSV cell', () => {
  test.each([
    '',
    ' ',
    '\t',
    'NA',
    'na',
    'N/A',
    'NaN',
    'nan',
    'null',
    'NULL',
    ' NA ',
    'NA\t',
    '\u00a0',
    '\u2003NA',
  ])('%j is a missing value', (text) => {
    expect(csvCell(text)).toBeNull()
  })

  test.each([
    ['0', 0],
    ['-0', -0],
    ['007', 7],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1.25e-3', -0.00125],
    ['1E6', 1_000_000],
    [' 42 ', 42],
    ['\u00a042', 42],
    ['5e-324', 5e-324],
  ])('%j is the number %d', (text, value) => {
    expect(csvCell(text)).toBe(value)
  })

  test.each([
    '-',
    '.',
    'e5',
    '1,5',
    '1 000',
    '1_000',
    '0x10',
    ' 0b1',
    '0o7',
    '12px',
    '1e',
    'Infinity',
    '-Infinity',
    '1e999',
    'nano',
    'none',
    'N',
    '２',
    '2026-01-31',
  ])('%j is text', (text) => {
    expect(csvCell(text)).toBe(text)
  })
})
