/** @file The limits of a project hold while claims of other settings, which see other jobs, come at once. */
import { afterAll, beforeEach, expect, test } from 'vitest'

import { createJobs } from '../../../src/store/jobs/create-jobs.ts'
import { updateProject } from '../../../src/store/projects.ts'
import { aDataset, aNewJob, aPlan, aProject, aWorker, testStore } from '../support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)

beforeEach(async () => {
  await store.db.query('DELETE FROM jobs')
})

interface Size {
  readonly seconds: number
  readonly threads?: number
}

const long: Size = { seconds: 60 }
const short: Size = { seconds: 0.001 }

async function queue(limits: object, sizes: readonly Size[]): Promise<string> {
  const projectId = await aProject(store)
  await updateProject(store.db, projectId, { limits })
  const dataset = await aDataset(store, projectId)
  const jobs = sizes.map((size) => aNewJob(dataset, { plan: { ...aPlan, threads: 1, ...size } }))
  const owner = { projectId, dataset, validationDataset: null, maxUnfinishedJobs: 1_000 }
  await createJobs(store.db, owner, jobs)
  return projectId
}

/** Of each pair one for any job and one for short ones: two statements, each on its own connection. */
async function claimInPairs(pairs: number): Promise<void> {
  await Promise.all(
    Array.from({ length: pairs }, (_, i) => ({ ...aWorker, worker: `w:${i}` })).flatMap((any) => [
      store.claimNext(any),
      store.claimNext({ ...any, maxSeconds: 0.1 }),
    ]),
  )
}

async function atWork(projectId: string) {
  const { rows } = await store.db.query<{ jobs: number; threads: number }>(
    `SELECT count(*)::int AS jobs, coalesce(sum(plan_threads), 0)::int AS threads
    FROM jobs WHERE project_id = $1 AND status = 'running'`,
    [projectId],
  )
  return rows[0]
}

// A claim that trusts its first count is over the limit in one round of seven.
const rounds = 40

test('one job at work is one, and it is not none', async () => {
  for (let i = 0; i < rounds; i++) {
    const projectId = await queue({ jobs_running: 1 }, [long, short])
    await claimInPairs(1)
    expect(await atWork(projectId)).toEqual({ jobs: 1, threads: 1 })
  }
})

test('threads too', async () => {
  for (let i = 0; i < rounds; i++) {
    const wide = { ...long, threads: 2 }
    const projectId = await queue({ threads: 3 }, [wide, { ...short, threads: 2 }])
    await claimInPairs(1)
    expect(await atWork(projectId)).toEqual({ jobs: 1, threads: 2 })
  }
})

test('who gave a job back asks again, while there is room', async () => {
  for (let i = 0; i < rounds; i++) {
    const projectId = await queue({ jobs_running: 2, threads: 3 }, [long, short])
    await claimInPairs(1)
    expect(await atWork(projectId)).toEqual({ jobs: 2, threads: 2 })
  }
})
