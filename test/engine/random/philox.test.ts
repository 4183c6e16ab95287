import { expect, test } from 'vitest'

import { philox } from '../../../src/engine/random/philox.ts'

function wordsOf(...counterAndKey: [number, number, number, number, number, number]): string {
  const words = new Uint32Array(4)
  philox(words, ...counterAndKey)
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ')
}

// The known answers for philox4x32 with 10 rounds that come with Random123 (kat_vectors).
test('gives the published numbers', () => {
  const ones = 0xffffffff
  expect(wordsOf(0, 0, 0, 0, 0, 0)).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
  expect(wordsOf(ones, ones, ones, ones, ones, ones)).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
  expect(wordsOf(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0)).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  )
})
