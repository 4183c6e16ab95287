import { describe, expect, test } from 'vitest'

import type { DatasetFormat } from '../../../src/contract/datasets.ts'
import { DataError } from '../../../src/data/data-error.ts'
import { bytesOf, readDataset } from '../support/reading.ts'
import { thrownBy } from '../support/thrown.ts'

interface Refused {
  readonly of: string
  readonly format: DatasetFormat
  readonly file: string | Uint8Array
  readonly says: string
  readonly row?: number
  readonly column?: string
}

function joined(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...bytesOf(part)] : part)),
  )
}

const long = 'x'.repeat(70_000)
const eacute = [0xe9] // é in Latin-1
const utf16 = joined([0xff, 0xfe], 'a\0,\0b\0\n\0')

const csv: Omit<Refused, 'format'>[] = [
  { of: 'an empty file', file: '', says: 'file is empty' },
  { of: 'blank lines only', file: '\n\r\n\n', says: 'file is empty' },
  { of: 'a byte order mark only', file: '\ufeff', says: 'file is empty' },
  { of: 'a header only', file: 'a,b\n', says: 'a header but no rows' },
  { of: 'a header without line end', file: 'a,b', says: 'a header but no rows' },
  {
    of: 'a short row',
    file: 'a,b\n1,2\n3\n',
    says: 'expected 2 cells, as in the header, got 1 cell',
    row: 2,
    column: 'b',
  },
  { of: 'a long row', file: 'a,b\n1,2,3\n', says: 'got 3 cells', row: 1 },
  {
    of: 'a truncated last row',
    file: 'a,b,c\n1,2,3\n4,5',
    says: 'got 2 cells',
    row: 2,
    column: 'c',
  },
  { of: 'a row of blanks', file: 'a,b\n1,2\n  \n', says: 'got 1 cell', row: 2, column: 'b' },
  {
    of: 'rows with another delimiter',
    file: 'a,b\n1;2\n',
    says: 'got 1 cell',
    row: 1,
    column: 'b',
  },
  { of: 'an open quote', file: 'a,b\n1,2\n3,"4\n5,6\n', says: 'never closed', row: 2, column: 'b' },
  {
    of: 'an open quote in the header',
    file: 'a,"b\n1,2\n',
    says: 'The header: a quote is opened here and never closed',
  },
  {
    of: 'text after a closing quote',
    file: 'a,b\n1,"2"3\n',
    says: 'goes on after its closing quote',
    row: 1,
    column: 'b',
  },
  {
    of: 'a quote inside a cell',
    file: 'a,b\nx"y,2\n',
    says: 'a quote inside the cell that starts with "x"',
    row: 1,
    column: 'a',
  },
  { of: 'a column without a name', file: 'a,,c\n1,2,3\n', says: 'Column 2 has no name' },
  { of: 'a name of blanks', file: 'a, \n1,2\n', says: 'Column 2 has no name' },
  {
    of: 'two columns of one name',
    file: 'a,b,a\n1,2,3\n',
    says: 'Columns 1 and 3 are both named "a"',
  },
  { of: 'two names alike but for blanks', file: 'a, a\n1,2\n', says: 'both named "a"' },
  {
    of: 'an endless column name',
    file: `${'n'.repeat(1001)},b\n1,2\n`,
    says: 'name of 1001 characters',
  },
  {
    of: 'too many columns',
    file: `${'abcdefghijk'.split('').join(',')}\n`,
    says: 'at most 10 columns',
  },
  {
    of: 'a cell over the limit',
    file: `a,b\n1,2\n${long},2\n`,
    says: 'at most 65536 bytes',
    row: 2,
    column: 'a',
  },
  {
    of: 'a cell over the limit in bytes only',
    file: `a,b\n1,${'é'.repeat(40_000)}\n`,
    says: 'got 80000',
    row: 1,
    column: 'b',
  },
  {
    of: 'Latin-1',
    file: joined('a,b\n1,2\ncaf', eacute, ',2\n'),
    says: 'got the byte 0xE9',
    row: 2,
  },
  {
    of: 'Latin-1 right after a line end',
    file: joined('a,b\n1,2\n', eacute, 't,2\n'),
    says: 'got the byte 0xE9',
    row: 2,
  },
  {
    of: 'Latin-1 in the header',
    file: joined('caf', eacute, ',b\n1,2\n'),
    says: 'got the byte 0xE9',
  },
  {
    of: 'Latin-1 after a replacement character of its own',
    file: joined('a\n1\n\ufffd\n', eacute, '\n'),
    says: 'got the byte 0xE9',
    row: 3,
  },
  { of: 'UTF-16', file: utf16, says: 'got the byte 0xFF' },
  {
    of: 'a character cut at the end',
    file: joined('a\n1\n', [0xe2, 0x82]),
    says: 'got the byte 0xE2',
    row: 2,
  },
  {
    of: 'an overlong character',
    file: joined('a\n', [0xc0, 0xaf], '\n'),
    says: 'got the byte 0xC0',
    row: 1,
  },
  {
    of: 'a surrogate in UTF-8',
    file: joined('a\n', [0xed, 0xa0, 0x80], '\n'),
    says: 'got the byte 0xED',
    row: 1,
  },
  {
    of: 'UTF-8 and Latin-1 mixed',
    file: joined('a\né\n', eacute, '\n'),
    says: 'got the byte 0xE9',
    row: 2,
  },
  { of: 'NUL in a cell', file: 'a,b\n1,2\n3,x\0y\n', says: 'NUL', row: 2 },
  { of: 'a file of NULs', file: '\0'.repeat(100), says: 'NUL' },
  { of: 'a ZIP archive', file: joined('PK', [3, 4, 20, 0, 0, 0]), says: 'NUL' },
  {
    of: 'Infinity among numbers',
    file: 'a,b\n1,2\n3,Infinity\n',
    says: 'expected a finite number',
    row: 2,
    column: 'b',
  },
  {
    of: '-inf among numbers',
    file: 'a,b\n1,2\n3,-inf\n',
    says: 'expected a finite number',
    row: 2,
    column: 'b',
  },
  {
    of: 'a number beyond 1.8e308',
    file: 'a\n1\n2\n1e999\n',
    says: 'expected a finite number',
    row: 3,
    column: 'a',
  },
  {
    of: 'nothing but infinities',
    file: 'a\ninf\n-inf\n',
    says: 'expected a finite number',
    row: 1,
    column: 'a',
  },
]

const jsonl: Omit<Refused, 'format'>[] = [
  { of: 'an empty file', file: '', says: 'file is empty' },
  { of: 'blank lines only', file: '\n \n', says: 'file is empty' },
  {
    of: 'a line that is no JSON',
    file: '{"a":1}\n{"a":}\n',
    says: 'expected a JSON object like {"x": 1}, got "{\\"a\\":}"',
    row: 2,
  },
  { of: 'a truncated line', file: '{"a":1}\n{"a":', says: 'expected a JSON object', row: 2 },
  { of: 'a number for a line', file: '{"a":1}\n5\n', says: 'got "5"', row: 2 },
  { of: 'null for a line', file: 'null\n', says: 'got "null"', row: 1 },
  { of: 'a list for a line', file: '{"a":1}\n[1]\n', says: 'got "[1]"', row: 2 },
  { of: 'a JSON list', file: '[{"a":1}]', says: 'application/json', row: 1 },
  {
    of: 'two objects on a line',
    file: '{"a":1} {"a":2}\n',
    says: 'expected a JSON object',
    row: 1,
  },
  {
    of: 'a nested object',
    file: '{"a":1}\n{"a":{"b":1}}\n',
    says: 'got an object',
    row: 2,
    column: 'a',
  },
  { of: 'a nested list', file: '{"a":[1]}\n', says: 'got a list', row: 1, column: 'a' },
  {
    of: 'a key that stands twice',
    file: '{"a":1,"b":2,"a":3}\n',
    says: 'a key stands twice',
    row: 1,
  },
  {
    of: 'a key twice in two spellings',
    file: '{"a":1,"\\u0061":3}\n',
    says: 'a key stands twice',
    row: 1,
  },
  { of: 'a key without a name', file: '{"":1}\n', says: 'column 1 has no name', row: 1 },
  { of: 'NaN', file: '{"a":NaN}\n', says: 'expected a JSON object', row: 1 },
  {
    of: 'a number beyond 1.8e308',
    file: '{"a":1}\n{"a":1e999}\n',
    says: 'at most 1.8e308',
    row: 2,
    column: 'a',
  },
  { of: 'an escaped NUL', file: '{"a":"x\\u0000"}\n', says: 'without NUL', row: 1, column: 'a' },
  {
    of: 'half a surrogate pair',
    file: '{"a":"\\ud800"}\n',
    says: 'surrogate',
    row: 1,
    column: 'a',
  },
  { of: 'half a surrogate pair in a key', file: '{"\\ud800":1}\n', says: 'surrogate', row: 1 },
  {
    of: 'a cell over the limit',
    file: `{"a":1}\n{"b":"${long}"}\n`,
    says: 'at most 65536 bytes',
    row: 2,
    column: 'b',
  },
  {
    of: 'too many columns',
    file: '{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}\n{"g":1,"h":1,"i":1,"j":1,"k":1}\n',
    says: 'at most 10 columns',
    row: 2,
  },
  {
    of: 'Latin-1',
    file: joined('{"a":1}\n{"a":"', eacute, '"}\n'),
    says: 'got the byte 0xE9',
    row: 2,
  },
  { of: 'a raw NUL', file: '{"a":1}\n{"a":"\0"}\n', says: 'NUL', row: 2 },
  { of: 'objects without keys', file: '{}\n{}\n', says: 'no columns' },
]

const json: Omit<Refused, 'format'>[] = [
  { of: 'an empty file', file: '', says: 'file is empty' },
  { of: 'blanks only', file: ' '.repeat(5000), says: 'file is empty' },
  { of: 'an empty list', file: '[]', says: 'list is empty' },
  { of: 'no rows', file: '{"rows":[]}', says: 'list is empty' },
  { of: 'a number', file: '17', says: 'Expected a list of objects' },
  {
    of: 'an object of another shape',
    file: '{"data":[{"a":1}]}',
    says: 'Expected a list of objects',
  },
  {
    of: 'a huge object of another shape',
    file: `{"data":[${'{"a":1},'.repeat(1000)}`,
    says: 'Expected a list of objects',
  },
  { of: 'JSON Lines', file: '{"a":1}\n{"a":2}\n', says: 'Expected a list of objects' },
  {
    of: 'lists in the list',
    file: '[[1,2],[3,4]]',
    says: 'expected an object like {"x": 1}, got "["',
    row: 1,
  },
  { of: 'numbers in the list', file: '[{"a":1}, 5]', says: 'expected an object', row: 2 },
  { of: 'a comma too many', file: '[{"a":1},]', says: 'expected an object', row: 2 },
  { of: 'a comma too few', file: '[{"a":1} {"a":2}]', says: 'expected a comma or the end', row: 2 },
  { of: 'a list that is cut', file: '[{"a":1},{"a":2}', says: 'ends in the middle', row: 3 },
  { of: 'an object that is cut', file: '[{"a":1},{"a":', says: 'ends in the middle', row: 2 },
  { of: 'a string that is cut', file: '[{"a":"x]}', says: 'ends in the middle', row: 1 },
  { of: 'a wrapper that is cut', file: '{"rows":[{"a":1}]', says: 'ends in the middle' },
  {
    of: 'more beside the rows',
    file: '{"rows":[{"a":1}],"b":2}',
    says: 'Expected nothing beside "rows"',
  },
  { of: 'more behind the list', file: '[{"a":1}] x', says: 'Expected the end of the file' },
  { of: 'brackets that do not match', file: '[{"a":1]]', says: 'expected a JSON object', row: 1 },
  {
    of: 'nested values',
    file: '[{"a":1},{"a":{"b":{}}}]',
    says: 'got an object',
    row: 2,
    column: 'a',
  },
  {
    of: 'very deep values',
    file: `[{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`,
    says: 'got a list',
    row: 1,
    column: 'a',
  },
  {
    of: 'a depth that never ends',
    file: `[{"a":${'['.repeat(100_000)}`,
    says: 'ends in the middle',
    row: 1,
  },
  {
    of: 'an object over the limit',
    file: `[{"a":"${'x'.repeat(17 * 2 ** 20)}"}]`,
    says: 'at most 16777216 characters',
    row: 1,
  },
  { of: 'a key that stands twice', file: '[{"a":1,"a":2}]', says: 'a key stands twice', row: 1 },
  {
    of: 'a number beyond 1.8e308',
    file: '[{"a":-1e999}]',
    says: 'at most 1.8e308',
    row: 1,
    column: 'a',
  },
  {
    of: 'Latin-1',
    file: joined('[{"a":1},{"a":"', eacute, '"}]'),
    says: 'got the byte 0xE9',
    row: 2,
  },
]

const text: Omit<Refused, 'format'>[] = [
  { of: 'an empty file', file: '', says: 'file is empty' },
  { of: 'a byte order mark only', file: '\ufeff', says: 'file is empty' },
  { of: 'Latin-1', file: joined('one\ntwo caf', eacute, '\n'), says: 'got the byte 0xE9', row: 2 },
  { of: 'NUL', file: 'one\0', says: 'NUL', row: 1 },
]

const formats = { csv, jsonl, json, text }

test('the place does not depend on where the file was cut', () => {
  for (const [format, cases] of Object.entries(formats)) {
    for (const { file, row, column, of } of cases) {
      if (file.length > 2000) continue
      const error = thrownBy(() => readDataset(format as DatasetFormat, file, 10, 1))
      expect({ of, row: (error as DataError).row, column: (error as DataError).column }).toEqual({
        of,
        row,
        column,
      })
    }
  }
})

describe.each(Object.entries(formats))('%s is refused', (format, cases) => {
  test.each(cases)('for $of, with the place', ({ file, says, row, column }) => {
    const error = thrownBy(() => readDataset(format as DatasetFormat, file, 10))

    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ message: expect.stringContaining(says) })
    expect(error).toHaveProperty('row', row)
    expect(error).toHaveProperty('column', column)
  })
})

test('messages can be stored and stay short, whatever the file holds', () => {
  const error = thrownBy(() => readDataset('jsonl', `{"a": "${'😀'.repeat(5000)}"`))

  expect((error as DataError).message.isWellFormed()).toBe(true)
  expect((error as DataError).message.length).toBeLessThan(200)
})

test('an unclosed quote does not fill the memory: the row has a limit', () => {
  const error = thrownBy(() => readDataset('csv', `a,b\n1,"${'x\n'.repeat(9 * 2 ** 20)}`))

  expect(error).toMatchObject({ row: 1, column: 'b' })
  expect((error as DataError).message).toContain('Is a quote left open?')
})
