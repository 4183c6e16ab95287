import { describe, expect, test } from 'vitest'

import { DataError } from '../../src/data/data-error.ts'
import { readTable } from '../../src/data/table.ts'
import { bytesOf, profileOf, tableOf } from './support/reading.ts'

const file = 'n,b,c,t\n1.5,yes,red,\n,No,blue,\n-2,,red,\n3,YES,,\n'

describe('a table', () => {
  test('packs numbers, truth values and categories, each with its sign for missing', () => {
    const { rows, columns } = tableOf('csv', file)

    expect(rows).toBe(4)
    expect(columns.get('n')).toEqual({
      type: 'numeric',
      values: Float64Array.of(1.5, Number.NaN, -2, 3),
    })
    expect(columns.get('b')).toEqual({
      type: 'boolean',
      values: Uint8Array.of(1, 0, 255, 1),
      categories: ['no', 'yes'],
    })
    expect(columns.get('c')).toEqual({
      type: 'categorical',
      codes: Int32Array.of(1, 0, 1, -1),
      categories: ['blue', 'red'],
    })
  })

  test('is the same from JSON, where columns come late', () => {
    const lines = '{"n":1.5,"b":true}\n{"c":"blue","b":false}\n{"c":"red","n":-2}\n'
    const { columns } = tableOf('jsonl', lines)

    expect(columns.get('n')).toMatchObject({ values: Float64Array.of(1.5, Number.NaN, -2) })
    expect(columns.get('b')).toMatchObject({ values: Uint8Array.of(1, 0, 255) })
    expect(columns.get('c')).toMatchObject({ codes: Int32Array.of(-1, 0, 1) })
  })

  test('has the numbers among text as categories', () => {
    const { columns } = tableOf('csv', 'c,d\n1.0,1\nx,1\n1,1\n')

    expect(columns.get('c')).toEqual({
      type: 'categorical',
      codes: Int32Array.of(0, 1, 0),
      categories: ['1', 'x'],
    })
  })

  test('has only the columns asked for', () => {
    const table = readTable('csv', bytesOf(file), profileOf('csv', file), new Set(['c', 'none']))

    expect([...table.columns.keys()]).toEqual(['c'])
  })

  test('is read from shared memory, with a sign of life for each piece', () => {
    const long = `x,y\n${'12.5,a\n'.repeat(30_000)}`
    const bytes = bytesOf(long)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    let signs = 0
    const table = readTable('csv', shared, profileOf('csv', long), new Set(['x']), () => signs++)

    expect(table.columns.get('x')).toEqual({
      type: 'numeric',
      values: new Float64Array(30_000).fill(12.5),
    })
    expect(signs).toBe(Math.ceil(bytes.length / 65_536))
  })

  test('is refused when the file is not the one of its profile', () => {
    const profile = profileOf('csv', file)
    const read = (other: string) => () =>
      readTable('csv', bytesOf(other), profile, new Set(['n', 'b', 'c']))

    expect(read('n,b,c,t\n1,yes,red,\n')).toThrow('does not have the 4 rows')
    expect(read(`${file}1,yes,red,\n`)).toThrow('does not have the 4 rows')
    expect(read(file.replace('-2', 'abc'))).toThrow(
      'Row 3, column "n": expected a number, got "abc"',
    )
    expect(read(file.replace('blue', 'teal'))).toThrow(
      'Row 2, column "c": expected a known category',
    )
    expect(read(file.replace('yes', 'perhaps'))).toThrow(
      'Row 1, column "b": expected true or false',
    )
  })

  test('cannot be made of plain text or of a text column', () => {
    const profile = profileOf('csv', file)

    expect(() => readTable('text', bytesOf(file), profile, new Set())).toThrow(DataError)
    expect(() => readTable('csv', bytesOf(file), profile, new Set(['t']))).toThrow(DataError)
  })
})
