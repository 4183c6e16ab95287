import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

import { createJobs } from '../../../src/store/jobs/create-jobs.ts'
import { updateProject } from '../../../src/store/projects.ts'
import { readQueuePlace } from '../../../src/store/queue-position.ts'
import type { ClaimedJob } from '../../../src/store/runs/claim-next.ts'
import { aDataset, aNewJob, aPlan, aProject, aWorker, testStore } from '../support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)

beforeEach(clear)

async function clear(): Promise<void> {
  await store.db.query('DELETE FROM jobs')
  await store.db.query('DELETE FROM outbox')
}

interface Size {
  readonly priority?: number
  readonly seconds?: number
  readonly threads?: number
  readonly bytes?: number
}

/** In one statement; returns their ids, oldest first. */
async function queue(projectId: string, sizes: readonly Size[]): Promise<string[]> {
  const dataset = await aDataset(store, projectId)
  const jobs = sizes.map(({ priority = 0, seconds = 0.001, threads = 1, bytes = 100 }) =>
    aNewJob(dataset, {
      priority,
      plan: { ...aPlan, seconds, threads, bytes: { ...aPlan.bytes, total: bytes } },
    }),
  )
  const owner = { projectId, dataset, validationDataset: null, maxUnfinishedJobs: 1_000 }
  await createJobs(store.db, owner, jobs)
  return jobs.map(({ id }) => id)
}

async function aProjectOf(weight: number, limits = {}): Promise<string> {
  const id = await aProject(store)
  await updateProject(store.db, id, { weight, limits })
  return id
}

async function end(claim: ClaimedJob): Promise<void> {
  await store.finishRun(claim, { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null })
}

async function claimAtOnce(count: number, changes = {}): Promise<ClaimedJob[]> {
  const claim = { ...aWorker, ...changes }
  const claims = await Promise.all(Array.from({ length: count }, () => store.claimNext(claim)))
  return claims.filter((claimed) => claimed !== null)
}

const some = (count: number, size: Size = {}) => Array.from({ length: count }, () => size)

describe('projects take turns', () => {
  test('by weight: no project is ever ahead of another by more than a turn of each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }),
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 4 }), ends: fc.boolean() }), {
          minLength: 6,
          maxLength: 12,
        }),
        async (weights, rounds) => {
          await clear()
          const projects = await Promise.all(weights.map((weight) => aProjectOf(weight)))
          for (const project of projects) await queue(project, some(48))
          const had = new Map(projects.map((project) => [project, 0]))
          for (const { count, ends } of rounds) {
            for (const claim of await claimAtOnce(count)) {
              had.set(claim.projectId, (had.get(claim.projectId) ?? 0) + 1)
              if (ends) await end(claim)
            }
            const turns = projects.map((project, i) => (had.get(project) ?? 0) / weights[i])
            for (const [i, mine] of turns.entries()) {
              for (const [j, theirs] of turns.entries()) {
                expect(mine - theirs).toBeLessThanOrEqual(1 / weights[i] + 1 / weights[j] + 1e-9)
              }
            }
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  test('on one thread too: jobs that came first do not all go first', async () => {
    const [flood, other] = [await aProjectOf(1), await aProjectOf(1)]
    await queue(flood, some(50))
    const [first] = await claimAtOnce(1)
    await end(first)
    const [lone] = await queue(other, some(1))

    const [second] = await claimAtOnce(1)
    expect(second.jobId).toBe(lone)
  })

  test('one that was idle saves up no turns', async () => {
    const [busy, idle] = [await aProjectOf(1), await aProjectOf(1)]
    await queue(busy, some(60))
    for (const claim of await claimAtOnce(20)) await end(claim)
    await queue(idle, some(20))

    const next = await claimAtOnce(10)
    expect(next.filter(({ projectId }) => projectId === busy).length).toBeGreaterThanOrEqual(4)
  })

  test('a weight of 3 gets three jobs in a round, to the job', async () => {
    const [heavy, light] = [await aProjectOf(3), await aProjectOf(1)]
    await queue(heavy, some(40))
    await queue(light, some(40))

    const claims: ClaimedJob[] = []
    for (let i = 0; i < 24; i++) claims.push(...(await claimAtOnce(1)))
    expect(claims.filter(({ projectId }) => projectId === heavy)).toHaveLength(18)
  })
})

test('inside a project the highest priority comes first, then age, as queue_position says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 10 }),
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 10 }),
      async (...priorities) => {
        await clear()
        const projects = [await aProjectOf(2), await aProjectOf(1)]
        const positions = new Map<string, number>()
        for (const [i, projectId] of projects.entries()) {
          const ids = await queue(
            projectId,
            priorities[i].map((priority) => ({ priority })),
          )
          for (const [k, id] of ids.entries()) {
            const place = await readQueuePlace(store.db, projectId, {
              id,
              priority: priorities[i][k],
            })
            positions.set(id, place.position)
          }
        }
        const claims: ClaimedJob[] = []
        for (let i = 0; i < priorities.flat().length; i++) claims.push(...(await claimAtOnce(1)))
        for (const project of projects) {
          const order = claims.filter(({ projectId }) => projectId === project)
          expect(order.map(({ jobId }) => positions.get(jobId))).toEqual(order.map((_, i) => i + 1))
        }
      },
    ),
    { numRuns: 15 },
  )
})

describe('limits of a project', () => {
  test('are never passed, whatever the jobs want, and hold back nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 4, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 8 }),
        async (jobsRunning, threads, wishes, rounds) => {
          await clear()
          const limited = await aProjectOf(1, { jobs_running: jobsRunning, threads })
          const free = await aProjectOf(1)
          await queue(
            limited,
            wishes.map((wish) => ({ threads: wish })),
          )
          await queue(free, some(40))
          let running: ClaimedJob[] = []
          for (const count of rounds) {
            const claims = await claimAtOnce(count)
            expect(claims).toHaveLength(count)
            running = [...running, ...claims.filter(({ projectId }) => projectId === limited)]
            expect(running.length).toBeLessThanOrEqual(jobsRunning)
            const used = running.reduce((sum, { plan }) => sum + plan.threads, 0)
            expect(used).toBeLessThanOrEqual(threads)
            const [first] = running.splice(0, 1)
            if (first) await end(first)
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  test('the service has some for projects without, and a project may have more', async () => {
    const [usual, larger] = [await aProjectOf(1), await aProjectOf(1, { jobs_running: 5 })]
    await queue(usual, some(10))
    await queue(larger, some(10))

    const claims = await claimAtOnce(20, { limits: { jobs_running: 2, threads: 100 } })
    expect(claims.filter(({ projectId }) => projectId === usual)).toHaveLength(2)
    expect(claims.filter(({ projectId }) => projectId === larger)).toHaveLength(5)
  })

  test('a job that wants more threads than the project may have gets those', async () => {
    await queue(await aProjectOf(1, { threads: 2 }), [{ threads: 8 }])

    expect((await claimAtOnce(1))[0].plan.threads).toBe(2)
  })

  test('jobs that no worker has the memory for just now need no message', async () => {
    await queue(await aProjectOf(1), [{ bytes: 100 }, { bytes: 200 }, { bytes: 300 }])
    await store.db.query('DELETE FROM outbox')
    const limits = { jobs_running: 4, threads: 100 }
    const claimable = async () => (await store.countClaimable(limits)).jobs
    expect(await claimable()).toBe(3) // where nothing is known

    const report = { name: 'test:1', memoryBytes: 1_000 }
    await store.reportWorker({ ...report, id: 'a', freeBytes: 50 })
    expect(await claimable()).toBe(0)
    await store.reportWorker({ ...report, id: 'b', freeBytes: 200 })
    expect(await claimable()).toBe(2)

    await store.db.query(`UPDATE workers SET seen_at = now() - interval '11 s' WHERE id = 'b'`)
    expect(await claimable()).toBe(0)
    await store.db.query('DELETE FROM workers')
  })

  test('a claim moves the clock of the round, and nothing else does', async () => {
    const limits = { jobs_running: 4, threads: 100 }
    const turns = async () => (await store.countClaimable(limits)).turns
    await queue(await aProjectOf(1), some(2))
    const before = await turns()
    expect(await turns()).toBe(before)
    await claimAtOnce(1)

    expect(await turns()).not.toBe(before)
  })

  test('jobs that a limit holds back need no message', async () => {
    await queue(await aProjectOf(1, { jobs_running: 2 }), some(10))
    await queue(await aProjectOf(1, { threads: 3 }), some(10))
    await queue(await aProjectOf(1), some(10))
    await store.db.query('DELETE FROM outbox')
    const limits = { jobs_running: 4, threads: 100 }

    expect((await store.countClaimable(limits)).jobs).toBe(2 + 3 + 4)
    await claimAtOnce(3, { limits })
    expect((await store.countClaimable(limits)).jobs).toBe(2 + 3 + 4 - 3)
  })
})

describe('a job for which there is no room', () => {
  /** Small jobs keep coming, one after the other. */
  async function claimsUntil(jobId: string, changes: object): Promise<number> {
    const neighbor = await aProjectOf(1)
    for (let passed = 0; passed < 100; passed++) {
      await queue(neighbor, some(2))
      const claims = await claimAtOnce(1, changes)
      if (claims.length === 0) return passed
      expect(claims[0].jobId).not.toBe(jobId)
      await end(claims[0])
    }
    throw new Error('It was passed a hundred times.')
  }

  test('is passed by smaller ones 16 times, and then the worker waits for it', async () => {
    const [large] = await queue(await aProjectOf(1), [{ bytes: 900 }])
    const crowded = { freeBytes: 500, totalBytes: 1_000 }

    expect(await claimsUntil(large, crowded)).toBe(16)
    const [next] = await claimAtOnce(1, { freeBytes: 1_000, totalBytes: 1_000 })
    expect(next.jobId).toBe(large)
    expect(await claimAtOnce(1, crowded)).toHaveLength(1)
  })

  test('also when it is too long to be claimed ahead of a thread', async () => {
    const [long] = await queue(await aProjectOf(1), [{ seconds: 60 }])

    expect(await claimsUntil(long, { maxSeconds: 0.1 })).toBe(16)
    expect((await claimAtOnce(1))[0].jobId).toBe(long)
  })

  test('is passed as often by jobs of its own project, and by those of one moment', async () => {
    const project = await aProjectOf(1)
    const [large] = await queue(project, [{ bytes: 900 }, ...some(30)])
    const crowded = { freeBytes: 500, totalBytes: 1_000 }
    let passed = 0
    for (;;) {
      const claims = await claimAtOnce(5, crowded)
      if (claims.length === 0) break
      passed += claims.length
    }

    expect(passed).toBeGreaterThanOrEqual(16)
    expect(passed).toBeLessThan(16 + 5)
    expect((await claimAtOnce(1))[0].jobId).toBe(large)
  })

  test('holds up nobody on a worker that could never run it', async () => {
    const [large] = await queue(await aProjectOf(1), [{ bytes: 900 }])
    await store.db.query('UPDATE jobs SET overtaken = 100 WHERE id = $1', [large])
    await queue(await aProjectOf(1), some(1))

    expect(await claimAtOnce(1, { freeBytes: 500, totalBytes: 500 })).toHaveLength(1)
  })

  test('holds up its own project alone while that has too many threads at work', async () => {
    const mine = await aProjectOf(1, { threads: 2 })
    await queue(mine, some(1))
    const [running] = await claimAtOnce(1)
    const [long] = await queue(mine, [{ threads: 2, seconds: 60 }, ...some(4)])
    await store.db.query('UPDATE jobs SET overtaken = 16 WHERE id = $1', [long])
    const other = await aProjectOf(1)
    await queue(other, some(4))

    const claims: ClaimedJob[] = []
    for (let i = 0; i < 5; i++) claims.push(...(await claimAtOnce(1, { maxSeconds: 0.1 })))
    expect(claims.map(({ projectId }) => projectId)).toEqual([other, other, other, other])
    await end(running)
    expect((await claimAtOnce(1))[0].jobId).toBe(long)
  })

  test('keeps no other from a worker that could never run it, however many projects have one', async () => {
    for (let i = 0; i < 20; i++) await queue(await aProjectOf(1), [{ bytes: 900 }])
    const [small] = await queue(await aProjectOf(1), some(1))

    const [claim] = await claimAtOnce(1, { freeBytes: 500, totalBytes: 500 })
    expect(claim.jobId).toBe(small)
  })

  test('is told to the worker, which may have room later', async () => {
    await queue(await aProjectOf(1), [{ bytes: 900 }])
    let crowded = 0
    const ask = (totalBytes: number) =>
      store.claimNext({ ...aWorker, freeBytes: 500, totalBytes, onCrowded: () => crowded++ })

    expect([await ask(500), crowded]).toEqual([null, 0])
    expect([await ask(1_000), crowded]).toEqual([null, 1])
  })
})

test('claims of several workers at one moment give each job once, and turns by weight', async () => {
  const [heavy, light] = [await aProjectOf(2), await aProjectOf(1)]
  await queue(heavy, some(60))
  await queue(light, some(60))
  const claims = await Promise.all(
    Array.from({ length: 6 }, async (_, worker) => {
      const mine: ClaimedJob[] = []
      // Other settings: another statement, on another connection.
      const changes = { worker: `w:${worker}`, maxSeconds: worker % 2 === 0 ? null : 10 }
      for (let i = 0; i < 10; i++) mine.push(...(await claimAtOnce(1, changes)))
      return mine
    }),
  )

  const all = claims.flat()
  expect(all).toHaveLength(60)
  expect(new Set(all.map(({ jobId }) => jobId)).size).toBe(60)
  const ofHeavy = all.filter(({ projectId }) => projectId === heavy).length
  expect(ofHeavy).toBeGreaterThanOrEqual(34)
  expect(ofHeavy).toBeLessThanOrEqual(46)
})
