/** @file Processes die at named points of what they do, and nothing is lost; here some of those points. */
import { expect, test } from 'vitest'

import { crashLives } from '../chaos/crashes/life-points.ts'
import { crashPosts } from '../chaos/crashes/post-points.ts'

const short = { seed: 1, tries: 1, isShort: true, shape: 'postgres', log: () => {} } as const

test('a POST /v1/jobs whose process dies makes one job, when it is sent again with its key', async () => {
  const row = await crashPosts(short)

  expect(row.problems).toEqual([])
  expect(row.tries).toBeGreaterThanOrEqual(12)
})

test('a job whose worker dies at any point of its run ends as if nothing had happened', async () => {
  const row = await crashLives(short)

  expect(row.problems).toEqual([])
  expect(row.tries).toBe(28)
}, 480_000)
