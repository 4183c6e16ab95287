import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { connectionsOf, otherConnections } from '../../src/store/connections.ts'

test('.env.example names every connection that a process opens beside those of the settings', () => {
  const text = readFileSync('.env.example', 'utf8').replaceAll(/\s*\n#\s*/g, ' ')
  const named =
    /Runs have (\d+) of their own, large results (\d+), checkpoints (\d+), downloads and removals (\d+), the queue and the live channel up to (\d+)/.exec(
      text,
    )
  const counts = named?.slice(1).map(Number) ?? []

  expect(counts.slice(0, 4)).toEqual([
    connectionsOf.runs,
    connectionsOf.results,
    connectionsOf.checkpoints,
    connectionsOf.bulk,
  ])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(otherConnections)
})
