import { expect, test } from 'vitest'

import { nearestName } from '../../src/contract/nearest-name.ts'

test.each([
  ['churn', ['age', 'churned', 'turn'], null],
  ['chruned', ['age', 'churned'], 'churned'],
  ['AGE', ['age', 'ages'], 'age'],
  ['age ', ['age'], 'age'],
  ['N'.repeat(100), ['n'.repeat(99), 'n'.repeat(100)], 'n'.repeat(100)],
  ['income', ['age', 'city'], null],
  ['a', ['b', 'c'], null],
  ['x', [], null],
])('for %j among %j it is %j', (name, names, nearest) => {
  expect(nearestName(name, names)).toBe(nearest)
})

test('ten thousand long names are searched in no time', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `${'n'.repeat(990)}${i}`)
  const started = performance.now()

  expect(nearestName(`${'n'.repeat(990)}x`, names)).toBeNull()
  expect(performance.now() - started).toBeLessThan(500)
})
