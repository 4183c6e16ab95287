import { expect, test } from 'vitest'

import type { Plan } from '../../src/contract/plans.ts'
import { createRoom } from '../../src/workers/room.ts'
import { aPlan } from '../store/support/seed.ts'

const short: Plan = { ...aPlan, seconds: 0.01 }
const long: Plan = { ...aPlan, seconds: 60 }

/** Enters and occupies as often as there is room, at most `most` times. */
async function fill(room: ReturnType<typeof createRoom>, plan: Plan, most = 100): Promise<number> {
  for (let entered = 0; entered < most; entered++) {
    const entry = await Promise.race([room.enter().then(() => true), tick().then(() => false)])
    if (!entry) return entered
    room.occupy(plan)
  }
  return most
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

test('takes as many long jobs as there are threads, and no more', async () => {
  expect(await fill(createRoom({ threads: 2, memoryBytes: 1e9 }), long)).toBe(2)
})

test('takes short jobs ahead, within bounds', async () => {
  expect(await fill(createRoom({ threads: 2, memoryBytes: 1e9 }), short)).toBe(8)
})

test('takes nothing ahead while every thread has a long job', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 1e9 })
  await fill(room, long, 1)

  expect(await fill(room, short)).toBe(7)
  const full = createRoom({ threads: 1, memoryBytes: 1e9 })
  await fill(full, long, 1)
  expect(await fill(full, short)).toBe(0)
})

test('lets the next one in when a job leaves, or a claim finds nothing', async () => {
  const room = createRoom({ threads: 1, memoryBytes: 1e9 })
  await fill(room, long, 1)
  let entered = false
  const waiting = room.enter().then(() => {
    entered = true
  })
  await tick()
  expect(entered).toBe(false)

  room.leave(long)
  await waiting
  const next = room.enter()
  room.occupy(null)
  await next
})

test('tells the second of two claims that took the same memory', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 150 })
  await Promise.all([room.enter(), room.enter()])

  expect(room.occupy(long)).toBe(true)
  expect(room.occupy(long)).toBe(false)
})

test('counts the planned memory of what it holds', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 250 })
  await fill(room, long, 2)
  expect(room.freeBytes()).toBe(50)

  room.leave(long)
  expect(room.freeBytes()).toBe(150)
})
