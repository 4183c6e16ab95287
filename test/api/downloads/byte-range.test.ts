import fc from 'fast-check'
import { expect, test } from 'vitest'

import { rangeOf } from '../../../src/api/downloads/byte-range.ts'

test.each([
  ['bytes=0-0', { start: 0, end: 1 }],
  ['bytes=2-5', { start: 2, end: 6 }],
  ['bytes=9-9', { start: 9, end: 10 }],
  ['bytes=4-', { start: 4, end: 10 }],
  ['bytes=0-', { start: 0, end: 10 }],
  ['bytes=5-99999999999999999999', { start: 5, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-99', { start: 0, end: 10 }],
  ['Bytes= 1-2 ', { start: 1, end: 3 }],
])('of 10 bytes, %s', (header, range) => {
  expect(rangeOf(header, 10)).toEqual(range)
})

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=99999999999999999999-'])(
  'of 10 bytes, %s holds none',
  (header) => {
    expect(rangeOf(header, 10)).toBe('unsatisfiable')
  },
)

test.each(['bytes=0-', 'bytes=-1'])('of no bytes, %s holds none', (header) => {
  expect(rangeOf(header, 0)).toBe('unsatisfiable')
})

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=5-2',
  'bytes=0-1,3-4',
  'bytes=a-b',
  'bytes=1.5-2',
  'rows=0-1',
])('%s is the whole file', (header) => {
  expect(rangeOf(header, 10)).toBeNull()
})

test('whatever is asked for, a range is of bytes that are there', () => {
  const number = fc.oneof(fc.constant(''), fc.nat(20).map(String))
  fc.assert(
    fc.property(number, number, fc.nat(20), (first, last, bytes) => {
      const range = rangeOf(`bytes=${first}-${last}`, bytes)
      if (range === null || range === 'unsatisfiable') return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.end).toBeGreaterThan(range.start)
      expect(range.end).toBeLessThanOrEqual(bytes)
    }),
  )
})
