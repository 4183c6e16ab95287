import { expect, test } from 'vitest'

import { maxWaitSeconds, preferredWaitSeconds } from '../../src/api/prefer-wait.ts'

test.each([
  ['wait=30', 30],
  ['respond-async, wait=5', 5],
  ['wait=0', 0],
  ['wait = 7', 7],
  ['wait=99999', maxWaitSeconds],
  ['wait=', null],
  ['wait=-1', null],
  ['await=3', null],
  ['return=minimal', null],
  [undefined, null],
])('Prefer: %s means waiting %s seconds', (prefer, seconds) => {
  expect(preferredWaitSeconds({ headers: { prefer } })).toBe(seconds)
})
