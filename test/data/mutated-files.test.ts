import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DatasetProfile } from '../../src/contract/datasets.ts'
import { DataError } from '../../src/data/data-error.ts'
import type { TableFormat } from '../../src/data/parsers/table-parser.ts'
import { readTable } from '../../src/data/table.ts'
import { bytesOf, readDataset } from './support/reading.ts'

const originals: Record<TableFormat, string> = {
  csv: 'n,b,c,"t, u"\r\n1.5,yes,"é ""x""",NA\n-2e3,No,😀,\n,,"a\nb",7\n',
  jsonl:
    '{"n":1.5,"b":true,"c":"é \\"x\\""}\n\n{"c":"😀","t":null,"n":-2e3}\r\n{"b":false,"t":7}\n',
  json: '{"rows": [{"n":1.5,"b":true,"c":"é \\"x\\""},\n {"c":"😀","t":null}, {"b":false,"t":7}]}',
}

/** Bytes that mean something to some parser, and any others. */
const byte = fc.oneof(
  fc.constantFrom(...bytesOf('"\',;\t|{}[]:\\\n\r 0e-.N\ufeff\ufffd\0')),
  fc.integer({ min: 0, max: 255 }),
)

function mutated(original: string): fc.Arbitrary<Uint8Array> {
  const bytes = [...bytesOf(original)]
  const place = fc.integer({ min: 0, max: bytes.length })
  const edit = fc.record({
    at: place,
    remove: fc.integer({ min: 0, max: 6 }),
    insert: fc.array(byte, { maxLength: 4 }),
  })
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    const copy = [...bytes]
    for (const { at, remove, insert } of edits) copy.splice(at, remove, ...insert)
    return Uint8Array.from(copy)
  })
}

describe.each(Object.entries(originals))('a damaged %s file', (format, original) => {
  test('is refused with a message, or read to the end the same way twice', () => {
    fc.assert(
      fc.property(mutated(original), fc.integer({ min: 1, max: 20 }), (file, pieceSize) => {
        const whole = outcome(format as TableFormat, file, 65_536)

        expect(outcome(format as TableFormat, file, pieceSize)).toEqual(whole)
        if (whole instanceof DataError) expect(whole.message).toMatch(/^[A-Z].*\.$|\?$/s)
      }),
      { numRuns: 1000 },
    )
  })
})

/** The profile, after the table was read by it; or the refusal. Anything else is a failure. */
function outcome(format: TableFormat, file: Uint8Array, pieceSize: number) {
  try {
    const { profile } = readDataset(format, file, 20, pieceSize)
    if (profile.kind !== 'table') throw new Error('expected a table')
    DatasetProfile.parse(profile)
    const usable = profile.columns.filter(({ type }) => type !== 'text').map(({ name }) => name)
    readTable(format, file, profile, new Set(usable))
    return profile
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}
