import { expect, test } from 'vitest'

import { canonicalJson, sha256Of } from '../../src/api/admission/canonical-json.ts'

test('the hash of a spec does not depend on the order of its keys', () => {
  expect(sha256Of({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    sha256Of({ b: { d: null, c: [1, 2] }, a: 1 }),
  )
})

test('the order of a list is a part of its meaning', () => {
  expect(sha256Of([1, 2])).not.toBe(sha256Of([2, 1]))
})

test('canonical JSON is JSON', () => {
  expect(JSON.parse(canonicalJson({ z: 'ü"\n', a: [true] }))).toEqual({ z: 'ü"\n', a: [true] })
})
