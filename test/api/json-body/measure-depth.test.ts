import { expect, test } from 'vitest'

import { measureDepth } from '../../../src/api/json-body/measure-depth.ts'

test('counts brackets outside of strings', () => {
  expect(measureDepth('1')).toBe(0)
  expect(measureDepth('[[1],[{"a":[]}]]')).toBe(4)
  expect(measureDepth(String.raw`["[[\"[[", "\\", {}]`)).toBe(2)
})

test('stops at the first level too many, however long the text goes on', () => {
  expect(measureDepth('['.repeat(1_000_000))).toBe(65)
})
