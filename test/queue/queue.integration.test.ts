import { afterEach, beforeEach, expect, test } from 'vitest'

import { createLiveChannel, type LiveChannel } from '../../src/queue/live-channel.ts'
import { createQueue, type Queue } from '../../src/queue/queue.ts'
import { createRelay } from '../../src/queue/relay.ts'
import {
  describeOnEachQueue,
  type TestDatabase,
  type TestRedis,
  testDatabase,
  testRedis,
} from '../support/services.ts'

describeOnEachQueue('the queue', ({ name }) => {
  let database: TestDatabase
  let redis: TestRedis | null
  let queue: Queue

  const location = () => ({ redisUrl: redis?.url ?? null, databaseUrl: database.url })

  beforeEach(async () => {
    database = await testDatabase()
    redis = name === 'redis' ? await testRedis() : null
    queue = await createQueue({ ...location(), onError: () => {} })
  })
  afterEach(async () => {
    await queue.close()
    await redis?.dispose()
    await database.dispose()
  })

  test('says where it lives', () => {
    expect(queue.backend).toBe(name)
  })

  test('delivers every message, at most so many at once', async () => {
    let running = 0
    let most = 0
    let delivered = 0
    const consumer = queue.consume(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      delivered += 1
    }, 3)
    await queue.send(30)

    await expect.poll(() => delivered, { timeout: 10_000 }).toBe(30)
    expect(most).toBe(3)
    await consumer.close(5_000)
  })

  test('counts what waits, and nothing that was worked on', async () => {
    await queue.send(5)
    expect(await queue.countWaiting()).toBe(5)

    const consumer = queue.consume(async () => {}, 5)
    await expect.poll(() => queue.countWaiting(), { timeout: 10_000 }).toBe(0)
    await consumer.close(5_000)
  })

  test('delivers the next message after one whose work failed', async () => {
    let calls = 0
    const consumer = queue.consume(async () => {
      calls += 1
      if (calls === 1) throw new Error('no database')
    }, 1)
    await queue.send(2)

    await expect.poll(() => calls, { timeout: 10_000 }).toBe(2)
    await consumer.close(5_000)
  })

  test('lets work end when it is closed, and takes no more', async () => {
    let ended = 0
    const consumer = queue.consume(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      ended += 1
    }, 1)
    await queue.send(3)
    await expect.poll(() => queue.countWaiting(), { timeout: 10_000 }).toBe(2)
    await consumer.close(5_000)

    expect(ended).toBe(1)
  })

  test('carries messages from the outbox, in batches, as soon as it is woken', async () => {
    const outbox = [700, 3]
    const sent: number[] = []
    const relay = createRelay({
      drain: async (limit, send) => {
        const count = Math.min(limit, outbox[0] ?? 0)
        if (count === 0) return 0
        await send(count)
        outbox[0] = (outbox[0] ?? 0) - count
        if (outbox[0] === 0) outbox.shift()
        return count
      },
      send: async (count) => {
        sent.push(count)
        await queue.send(count)
      },
      onError: () => {},
    })
    relay.wake()

    await expect.poll(() => queue.countWaiting(), { timeout: 900 }).toBe(700)
    expect(sent).toEqual([500, 200])
    await relay.stop()
  })

  test('tells every process of a change', async () => {
    const errors: Error[] = []
    const open = () => createLiveChannel({ ...location(), onError: (error) => errors.push(error) })
    const [one, other]: LiveChannel[] = [await open(), await open()]
    const heard = new Set<string>()
    const leave = other!.subscribe((jobIds) => {
      for (const jobId of jobIds) heard.add(jobId)
    })
    const jobIds = Array.from({ length: 500 }, (_, i) => `job_${String(i).padStart(32, '0')}`)
    // A subscription may take a moment; a live channel may lose messages, so say it again.
    await expect
      .poll(
        () => {
          for (const jobId of jobIds) one!.publish(jobId)
          return heard.size
        },
        { timeout: 5_000 },
      )
      .toBe(500)

    leave()

    const goesOn = new Map<string, boolean>()
    other!.subscribe((ids, goingOn) => {
      for (const id of ids) goesOn.set(id, goingOn.has(id))
    })
    one!.publish('job_running', { goesOn: true })
    one!.publish('job_both', { goesOn: true })
    one!.publish('job_ended')
    one!.publish('job_both')
    one!.publish('job_both', { goesOn: true })
    await expect
      .poll(() => Object.fromEntries(goesOn), { timeout: 5_000 })
      .toMatchObject({ job_running: true, job_both: false, job_ended: false })

    await one!.close()
    await other!.close()
    expect(errors).toEqual([])
  })
})
