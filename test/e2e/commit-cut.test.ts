/** @file Connections are cut at a commit, on either side of it: nothing is lost, and nothing is there twice. */
import { expect, test } from 'vitest'

import { cutCommits } from '../chaos/cuts/commit-cut.ts'

test('what may or may not have been committed is there once, with the same bits', async () => {
  const row = await cutCommits({
    seed: 1,
    tries: 1,
    isShort: true,
    shape: 'postgres',
    log: () => {},
  })

  expect(row.problems).toEqual([])
  expect(row.tries).toBe(14)
})
