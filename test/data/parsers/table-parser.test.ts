import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Cell } from '../../../src/contract/datasets.ts'
import { parseTable } from '../support/reading.ts'

describe('CSV', () => {
  test('cells are numbers, text, or null where missing', () => {
    expect(parseTable('csv', 'a,b,c\n1,x,\n-2.50,NA,y z\n')).toEqual({
      columns: ['a', 'b', 'c'],
      rows: [
        [1, 'x', null],
        [-2.5, null, 'y z'],
      ],
    })
  })

  test.each(['\n', '\r\n', '\r'])('lines may end in %j', (end) => {
    const file = ['a,b', '1,2', '3,4', ''].join(end)

    expect(parseTable('csv', file).rows).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('line ends may be mixed, blank lines do not count, the last may have none', () => {
    expect(parseTable('csv', '\n\na,b\r\n1,2\n\n3,4\r\n\r\n5,6').rows).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
  })

  test.each([',', ';', '\t', '|'])('the delimiter %j is that of the header', (delimiter) => {
    const file = `a${delimiter}"b,;\t|c"\n1${delimiter}"2"\n`

    expect(parseTable('csv', file)).toEqual({ columns: ['a', 'b,;\t|c'], rows: [[1, 2]] })
  })

  test('on a tie of delimiters the comma wins, and without any there is one column', () => {
    expect(parseTable('csv', 'a,b;c\n1,2\n').columns).toEqual(['a', 'b;c'])
    expect(parseTable('csv', 'a\nx;y\n')).toEqual({ columns: ['a'], rows: [['x;y']] })
  })

  test('quotes keep delimiters, line ends and doubled quotes', () => {
    expect(parseTable('csv', 'a,b\n"x,\r\ny","say ""hi"""\n').rows).toEqual([
      ['x,\r\ny', 'say "hi"'],
    ])
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'a byte order mark is dropped at the start and kept elsewhere, in pieces of %d',
    (size) => {
      expect(parseTable('csv', '\ufeffa,b\n1,\ufeffx\n', size)).toEqual({
        columns: ['a', 'b'],
        rows: [[1, '\ufeffx']],
      })
    },
  )

  test('a replacement character of the file itself is text', () => {
    expect(parseTable('csv', 'a\n\ufffd\n').rows).toEqual([['\ufffd']])
  })

  test('blanks around names are dropped, around values kept, around numbers ignored', () => {
    expect(parseTable('csv', ' a , b\n 1 , x\n')).toEqual({
      columns: ['a', 'b'],
      rows: [[1, ' x']],
    })
  })

  test('names that mean something to JavaScript are names', () => {
    const file = '__proto__,constructor,toString\n1,2,3\n'

    expect(parseTable('csv', file)).toEqual({
      columns: ['__proto__', 'constructor', 'toString'],
      rows: [[1, 2, 3]],
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('JSON', () => {
  const rows = [
    { a: 1, b: 'x' },
    { b: '', a: null },
    { c: true, a: 2 },
  ]
  const jsonl = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`
  const parsed = {
    columns: ['a', 'b', 'c'],
    // A row that came before a column has no cell for it.
    rows: [
      [1, 'x'],
      [null, null],
      [2, null, true],
    ],
  }

  test('a list, a list in "rows" and lines give the same table', () => {
    expect(parseTable('jsonl', jsonl)).toEqual(parsed)
    expect(parseTable('json', JSON.stringify(rows))).toEqual(parsed)
    expect(parseTable('json', JSON.stringify({ rows }, null, 2))).toEqual(parsed)
    expect(parseTable('json', ` \n${JSON.stringify({ rows })}\n `)).toEqual(parsed)
  })

  test('lines may end in CRLF, be blank, and the last may have no end', () => {
    expect(parseTable('jsonl', '\ufeff{"a":1}\r\n\r\n {"a":2}').rows).toEqual([[1], [2]])
  })

  test('text stays text, also where it looks like a number or a missing value', () => {
    expect(parseTable('jsonl', '{"a":"017","b":"NA","c":"true"}\n').rows).toEqual([
      ['017', 'NA', 'true'],
    ])
  })

  test('brackets, colons and quotes inside text are text', () => {
    const row = { a: '[{"x":1}]', b: '\\"}', 'c:"': ':' }

    expect(parseTable('json', JSON.stringify([row, row])).rows).toEqual([
      Object.values(row),
      Object.values(row),
    ])
  })

  test('__proto__ is a key like any other', () => {
    expect(parseTable('json', '[{"__proto__":1,"constructor":"x"},{"a":2}]')).toEqual({
      columns: ['__proto__', 'constructor', 'a'],
      rows: [
        [1, 'x'],
        [null, null, 2],
      ],
    })
  })
})

describe('any table comes back as it was written', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const cell: fc.Arbitrary<Cell> = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.boolean(),
    fc.constant(null),
  )
  const tables = fc
    .uniqueArray(
      name.map((text) => text.replaceAll('\0', '').trim()).filter((text) => text !== ''),
      { minLength: 1, maxLength: 5 },
    )
    .chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        rows: fc.array(fc.tuple(...columns.map(() => cell)), { minLength: 1, maxLength: 8 }),
      }),
    )

  const asJson = ({ columns, rows }: { columns: string[]; rows: Cell[][] }) =>
    rows.map((cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i]])))
  const missing = (rows: Cell[][]) =>
    rows.map((cells) => cells.map((cell) => (cell === '' ? null : cell)))

  /** Keys like "1" come first in an object, whatever the order they were set in. */
  const inKeyOrder = (table: { columns: string[]; rows: Cell[][] }) => {
    const columns = Object.keys(asJson(table)[0])
    const order = columns.map((column) => table.columns.indexOf(column))
    return { columns, rows: missing(table.rows).map((cells) => order.map((i) => cells[i])) }
  }

  test('as JSON, cut anywhere', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 40 }), (table, pieceSize) => {
        const text = JSON.stringify(asJson(table))
        expect(parseTable('json', text, pieceSize)).toEqual(inKeyOrder(table))
      }),
    )
  })

  test('as JSON Lines, cut anywhere', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 40 }), (table, pieceSize) => {
        const text = asJson(table)
          .map((row) => JSON.stringify(row))
          .join('\n')
        expect(parseTable('jsonl', text, pieceSize)).toEqual(inKeyOrder(table))
      }),
    )
  })

  test('as CSV, cut anywhere, with any delimiter and line end', () => {
    const marks = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      end: fc.constantFrom('\n', '\r\n'),
      pieceSize: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(tables, marks, ({ columns, rows }, { delimiter, end, pieceSize }) => {
        const quoted = (value: Cell) => `"${String(value ?? '').replaceAll('"', '""')}"`
        // A second column keeps the delimiter in the header, and an empty row from being a blank line.
        const lines = [[...columns, '\u2028last'], ...rows.map((cells) => [...cells, 'z'])]
        const text = lines.map((cells) => cells.map(quoted).join(delimiter)).join(end)

        const whole = parseTable('csv', text)
        expect(parseTable('csv', text, pieceSize)).toEqual(whole)
        expect(whole.rows.map((cells) => cells.slice(0, -1))).toEqual(
          rows.map((cells) => cells.map(asCsvCell)),
        )
      }),
    )
  })

  /** What is written as text and read again: numbers in text are numbers, some words are missing. */
  function asCsvCell(cell: Cell): Cell {
    if (typeof cell === 'number' || cell === null) return cell
    const text = String(cell)
    if (/^\s*(na|n\/a|nan|null)?\s*$/i.test(text)) return null
    return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) && Number.isFinite(Number(text))
      ? Number(text)
      : text
  }
})
