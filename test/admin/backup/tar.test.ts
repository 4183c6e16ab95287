import { expect, test } from 'vitest'

import { decodeHeader, encodeHeader, paddingBytes } from '../../../src/admin/backup/tar.ts'

const header = { name: 'tables/jobs/00000000', size: 4_194_304 }

test('a header is read as it was written', () => {
  expect(decodeHeader(encodeHeader(header, new Date()))).toEqual(header)
})

test('a header with any byte changed is none', () => {
  const block = encodeHeader(header, new Date())
  for (let at = 0; at < block.length; at++) {
    const changed = Buffer.from(block)
    changed[at] ^= 1
    // What ends the checksum's field says nothing.
    if (at !== 154 && at !== 155) expect(decodeHeader(changed), `byte ${at}`).toBeUndefined()
  }
})

test('entries are filled up to whole blocks', () => {
  expect([0, 1, 511, 512, 513].map(paddingBytes)).toEqual([0, 511, 1, 0, 511])
})

test('a name that does not fit is refused', () => {
  expect(() => encodeHeader({ name: 'x'.repeat(101), size: 0 }, new Date())).toThrow('100 bytes')
})
