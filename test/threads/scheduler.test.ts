import { setImmediate as turn } from 'node:timers/promises'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { createScheduler, type Wish } from '../../src/threads/scheduler.ts'

test('grants at once what is free, and counts it', async () => {
  const scheduler = createScheduler({ threads: 4, bytes: 100 })

  const release = await scheduler.acquire({ threads: 3, bytes: 60 })
  expect(scheduler.free()).toEqual({ threads: 1, bytes: 40 })

  release()
  expect(scheduler.free()).toEqual({ threads: 4, bytes: 100 })
})

test('gives all or nothing: who waits holds no token', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 100 })
  const release = await scheduler.acquire({ threads: 1, bytes: 0 })

  const both = scheduler.acquire({ threads: 2, bytes: 0 })
  const one = await scheduler.acquire({ threads: 1, bytes: 0 })
  expect(scheduler.waiting()).toBe(1)

  one()
  release()
  ;(await both)()
  expect(scheduler.waiting()).toBe(0)
})

test('tells newcomers that nothing is free while others wait', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 100 })
  const release = await scheduler.acquire({ threads: 1, bytes: 90 })
  const waiting = scheduler.acquire({ threads: 1, bytes: 20 })

  expect(scheduler.free()).toEqual({ threads: 0, bytes: 0 })

  release()
  await waiting
  expect(scheduler.free()).toEqual({ threads: 1, bytes: 80 })
})

test('a large wish is passed by small ones 16 times, and then by nobody', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 0 })
  const order: string[] = []
  let last = await scheduler.acquire({ threads: 1, bytes: 0 })
  const large = scheduler.acquire({ threads: 2, bytes: 0 }).then((release) => {
    order.push('large')
    release()
  })
  const small = Array.from({ length: 40 }, async () => {
    const release = await scheduler.acquire({ threads: 1, bytes: 0 })
    order.push('small')
    // Always one of them runs, so the large one never finds both threads free by itself.
    last()
    last = release
  })
  for (let i = 0; i < 200; i++) await turn()
  last()
  await Promise.all([large, ...small, Promise.resolve().then(() => last())])

  expect(order.indexOf('large')).toBe(16)
})

test('refuses at once what can never fit, with both numbers', async () => {
  const scheduler = createScheduler({ threads: 1, bytes: 1000 })

  const refused = scheduler.acquire({ threads: 1, bytes: 1001 })

  await expect(refused).rejects.toThrow(AppError)
  await expect(refused).rejects.toMatchObject({
    code: 'limit_exceeded',
    message: expect.stringMatching(/1001.*1000/),
  })
})

test('counts more threads than there are as all of them', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 0 })

  await scheduler.acquire({ threads: 64, bytes: 0 })

  expect(scheduler.free().threads).toBe(0)
})

test('a second release of the same wish gives nothing back', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 10 })
  const release = await scheduler.acquire({ threads: 1, bytes: 10 })
  await scheduler.acquire({ threads: 1, bytes: 0 })

  release()
  release()

  expect(scheduler.free()).toEqual({ threads: 1, bytes: 10 })
})

test('closing refuses who waits and who comes later, and idle waits for who runs', async () => {
  const scheduler = createScheduler({ threads: 1, bytes: 0 })
  const release = await scheduler.acquire({ threads: 1, bytes: 0 })
  const waiting = scheduler.acquire({ threads: 1, bytes: 0 })

  scheduler.close(new Error('stopping'))
  await expect(waiting).rejects.toThrow('stopping')
  await expect(scheduler.acquire({ threads: 1, bytes: 0 })).rejects.toThrow('stopping')

  let idle = false
  const whenIdle = scheduler.idle().then(() => {
    idle = true
  })
  await turn()
  expect(idle).toBe(false)
  release()
  await whenIdle
})

test('thousands of competing wishes all run, and never more than there is', async () => {
  const wishes = fc.record({ threads: fc.integer({ min: 1, max: 6 }), bytes: fc.nat(100) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(wishes, { minLength: 500, maxLength: 500 }),
      fc.infiniteStream(fc.nat(3)),
      async (all, turns) => {
        const total: Wish = { threads: 4, bytes: 100 }
        const scheduler = createScheduler(total)
        let threads = 0
        let bytes = 0
        const passed = async (wish: Wish) => {
          const release = await scheduler.acquire(wish)
          threads += Math.min(wish.threads, 4)
          bytes += wish.bytes
          expect(threads).toBeLessThanOrEqual(4)
          expect(bytes).toBeLessThanOrEqual(100)
          for (let left = turns.next().value; left > 0; left--) await Promise.resolve()
          threads -= Math.min(wish.threads, 4)
          bytes -= wish.bytes
          release()
        }

        await Promise.all(all.map(passed))

        expect(scheduler.free()).toEqual(total)
        await scheduler.idle()
      },
    ),
    { numRuns: 20 },
  )
})

test('groups take turns: many of one do not keep another waiting', async () => {
  const scheduler = createScheduler({ threads: 1, bytes: 0 })
  const order: string[] = []
  const first = await scheduler.acquire({ threads: 1, bytes: 0 })
  const wish = async (group: string | undefined, name: string) => {
    const release = await scheduler.acquire({ threads: 1, bytes: 0, ...(group && { group }) })
    order.push(name)
    await turn()
    release()
  }
  const all = [
    ...[1, 2, 3, 4].map((i) => wish('flood', `flood ${i}`)),
    ...[1, 2].map((i) => wish('other', `other ${i}`)),
    wish(undefined, 'nobody'),
  ]
  first()
  await Promise.all(all)

  expect(order).toEqual([
    ...['flood 1', 'other 1', 'nobody'],
    ...['flood 2', 'other 2', 'flood 3', 'flood 4'],
  ])
})

test('who has all threads and more waiting is passed by the first of another', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 0 })
  const order: string[] = []
  const releases: (() => void)[] = []
  const wish = async (group: string, name: string) => {
    const release = await scheduler.acquire({ threads: 1, bytes: 0, group })
    order.push(name)
    releases.push(release)
  }
  const all = [...[1, 2, 3, 4].map((i) => wish('flood', `flood ${i}`))]
  await turn()
  all.push(wish('other', 'other 1'), wish('other', 'other 2'))
  for (let i = 0; i < 6; i++) {
    releases.shift()?.()
    await turn()
  }
  await Promise.all(all)

  expect(order).toEqual(['flood 1', 'flood 2', 'other 1', 'other 2', 'flood 3', 'flood 4'])
})

test('a group is passed by others 16 times for one of its wishes, and no more', async () => {
  const scheduler = createScheduler({ threads: 1, bytes: 0 })
  const order: string[] = []
  const first = await scheduler.acquire({ threads: 1, bytes: 0 })
  const wish = (group: string) =>
    scheduler.acquire({ threads: 1, bytes: 0, group }).then((release) => {
      order.push(group)
      release()
    })
  const all = [wish('slow'), wish('slow'), ...Array.from({ length: 40 }, (_, i) => wish(`g${i}`))]
  first()
  await Promise.all(all)

  expect(order.lastIndexOf('slow')).toBe(1 + 16)
})

test('who waits leaves when the signal says so, and holds nobody up', async () => {
  const scheduler = createScheduler({ threads: 2, bytes: 0 })
  const release = await scheduler.acquire({ threads: 1, bytes: 0 })
  const gone = new AbortController()
  const large = scheduler.acquire({ threads: 2, bytes: 0 }, gone.signal)
  // Passed as often as may be: what comes now waits behind it.
  for (let i = 0; i < 16; i++) (await scheduler.acquire({ threads: 1, bytes: 0 }))()
  const behind = scheduler.acquire({ threads: 1, bytes: 0 })
  expect(scheduler.waiting()).toBe(2)

  gone.abort(new Error('gone'))

  await expect(large).rejects.toThrow('gone')
  ;(await behind)()
  release()
  expect(scheduler.free().threads).toBe(2)
})

test('a signal takes nothing from who runs, and lets nobody in who comes too late', async () => {
  const scheduler = createScheduler({ threads: 1, bytes: 0 })
  const gone = new AbortController()
  const release = await scheduler.acquire({ threads: 1, bytes: 0 }, gone.signal)
  gone.abort(new Error('gone'))

  expect(scheduler.free().threads).toBe(0)
  release()
  await expect(scheduler.acquire({ threads: 1, bytes: 0 }, gone.signal)).rejects.toThrow('gone')
  expect(scheduler.free().threads).toBe(1)
})
