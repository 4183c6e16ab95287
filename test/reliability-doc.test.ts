import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { faults } from './chaos/faults/index.ts'
import { readResults } from './chaos/results.ts'
import { tableOf } from './chaos/results-table.ts'

const text = readFileSync('docs/reliability.md', 'utf8')

test('docs/reliability.md has a row for every fault, in their order, with the tries of the full form', () => {
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|.*\| ([\d,–]+) \| ([\d,–]+) \|[^|]*\|$/gm)]
  const count = (cell: string) => (cell === '–' ? 0 : Number(cell.replace(',', '')))
  const named = rows.map(([, name, redis, postgres]) => [name, count(redis), count(postgres)])
  expect(named).toEqual(
    faults.map(({ name, tries: { full } }) => [name, full.redis, full.postgres]),
  )
})

test('docs/reliability.md shows the results that the last whole forms have left', () => {
  expect(text).toContain(tableOf(readResults()))
})

test('every test that docs/reliability.md stands on is there', () => {
  const named = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})

test('every invariant that is promised is one that the judge looks at', () => {
  const promised = [...text.matchAll(/^\| (I\d+) \|/gm)].map(([, name]) => name)
  const judged = [...readFileSync('test/chaos/invariants.ts', 'utf8').matchAll(/^ \* {2}(I\d+) /gm)]
  expect(promised).toEqual(judged.map(([, name]) => name))
})
