import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTextReader } from '../../../src/data/parsers/text-reader.ts'
import { bytesOf, pieces } from '../support/reading.ts'

function countsOf(text: string, pieceSize = 65_536) {
  const reader = createTextReader()
  for (const piece of pieces(bytesOf(text), pieceSize)) reader.write(piece)
  return reader.end()
}

test('counts code points, distinct ones and lines, with or without a last line end', () => {
  expect(countsOf('one\ntwo\n')).toEqual({
    characters: 8,
    lines: 2,
    vocabulary: 6,
    alphabet: '\nenotw',
  })
  expect(countsOf('one\r\ntwo')).toMatchObject({ characters: 8, lines: 2, vocabulary: 7 })
  expect(countsOf('\ufeffé😀')).toMatchObject({ characters: 2, lines: 1, alphabet: 'é😀' })
  expect(countsOf('\n\n')).toMatchObject({ characters: 2, lines: 2, vocabulary: 1 })
})

const byCodePoint = (a: string, b: string) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)

test('the counts do not depend on where the file was cut', () => {
  const texts = fc
    .string({ unit: 'binary', minLength: 1 })
    .map((text) => `a${text.replaceAll('\0', '')}`)
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 9 }), (text, pieceSize) => {
      expect(countsOf(text, pieceSize)).toEqual({
        characters: [...text].length,
        lines: text.replace(/\n$/, '').split('\n').length,
        vocabulary: new Set(text).size,
        alphabet: [...new Set(text)].sort(byCodePoint).join(''),
      })
    }),
  )
})

test('more distinct characters than can be shown are not named, than can be trained on not counted', () => {
  const distinct = (count: number) =>
    Array.from({ length: count }, (_, i) => String.fromCodePoint(0x10000 + i)).join('')

  expect(countsOf(distinct(10_000)).alphabet).toBe(distinct(10_000))
  expect(countsOf(distinct(10_001))).not.toHaveProperty('alphabet')
  expect(countsOf(distinct(65_536)).vocabulary).toBe(65_536)
  expect(countsOf(distinct(65_537)).vocabulary).toBeNull()
})
