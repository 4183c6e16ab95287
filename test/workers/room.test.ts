import { expect, test } from 'vitest'

import type { Plan } from '../../src/contract/plans.ts'
import { createRoom } from '../../src/workers/room.ts'
import { aPlan } from '../store/support/seed.ts'

const short: Plan = { ...aPlan, seconds: 0.01 }
const long: Plan = { ...aPlan, seconds: 60 }

/** Enters and occupies as often as there is room, at most `most` times. */
async function fill(room: ReturnType<typeof createRoom>, plan: Plan, most = 100): Promise<number> {
  for (let entered = 0; entered < most; entered++) {
    const entry = await Promise.race([room.enter(), tick().then(() => null)])
    if (entry === null) return entered
    room.occupy(entry, plan)
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

test('takes any job for a free thread, and only short ones ahead', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 1e9 })
  expect([await room.enter(), await room.enter()]).toEqual(['any', 'any'])

  // Either of the two may turn out long, so nothing is claimed ahead of them yet.
  const ahead = room.enter()
  expect(await Promise.race([ahead, tick()])).toBeUndefined()
  room.occupy('any', short)
  expect(await ahead).toBe('short')
})

test('lets who needs a thread wait for one, and others pass', async () => {
  const room = createRoom({ threads: 1, memoryBytes: 1e9 })
  await fill(room, short, 1)
  const patient = room.enter('any')
  expect(await room.enter()).toBe('short')
  room.occupy('short', null)

  room.leave(short, 1)
  expect(await patient).toBe('any')
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

  room.leave(long, 1)
  await waiting
  const next = room.enter()
  room.occupy('any', null)
  await next
})

test('tells the second of two claims that took the same memory', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 150 })
  await Promise.all([room.enter(), room.enter()])

  expect(room.occupy('any', long).fits).toBe(true)
  expect(room.occupy('any', long).fits).toBe(false)
})

test('counts the planned memory of what it holds', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 250 })
  await fill(room, long, 2)
  expect(room.freeBytes()).toBe(50)

  room.leave(long, 1)
  expect(room.freeBytes()).toBe(150)
})

test('gives a job the threads that are free, at most as many as it wants, and claims none ahead of it', async () => {
  const room = createRoom({ threads: 4, memoryBytes: 1e9 })
  const wide: Plan = { ...long, threads: 3 }
  const [first, second, third] = await Promise.all([room.enter(), room.enter(), room.enter()])

  expect(room.occupy(first, wide).threads).toBe(2) // two places are spoken for
  expect(room.occupy(second, wide).threads).toBe(1)
  room.occupy(third, null)
  expect(room.occupy(await room.enter(), wide).threads).toBe(1)
  expect(await Promise.race([room.enter(), tick()])).toBeUndefined()

  room.leave(wide, 2)
  room.leave(wide, 1)
  expect(room.occupy('any', wide).threads).toBe(3)
})

test('tells who waits for room that a job has left, also one that left just before', async () => {
  const room = createRoom({ threads: 2, memoryBytes: 1e9 })
  await fill(room, long, 2)
  const before = room.departures
  const next = room.departureAfter(before)
  expect(await Promise.race([next, tick()])).toBeUndefined()

  room.leave(long, 1)
  expect(await next).toBe(true)
  expect(await room.departureAfter(before)).toBe(true)
  room.leave(long, 1)
  expect(await room.departureAfter(room.departures)).toBe(false) // nobody is left to leave
})
