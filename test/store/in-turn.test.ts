import { setTimeout as sleep } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { createInTurn } from '../../src/store/in-turn.ts'

test('at most so many work at once, in the order in which they came', async () => {
  const inTurn = createInTurn(2)
  const begun: number[] = []
  let working = 0
  let most = 0
  const work = (n: number) =>
    inTurn(async () => {
      begun.push(n)
      working += 1
      most = Math.max(most, working)
      await sleep(1)
      working -= 1
      return n
    })

  expect(await Promise.all([0, 1, 2, 3, 4].map(work))).toEqual([0, 1, 2, 3, 4])
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
})

test('one that fails makes room for the next', async () => {
  const inTurn = createInTurn(1)
  const failed = inTurn(() => Promise.reject(new Error('away')))
  const next = inTurn(async () => 'done')

  await expect(failed).rejects.toThrow('away')
  expect(await next).toBe('done')
})
