import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

test('every test that docs/security.md stands on is there', () => {
  const named = [...readFileSync('docs/security.md', 'utf8').matchAll(/`(test\/[^`]+)`/g)]
  expect(named.length).toBeGreaterThan(20)
  expect(named.map(([, path]) => path).filter((path) => !existsSync(path))).toEqual([])
})
