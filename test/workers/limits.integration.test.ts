/** @file What a project may have at work, seen from the workers: who waits goes on, and at once. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { pauseJob, resumeJob } from '../../src/store/jobs/set-intent.ts'
import { updateProject } from '../../src/store/projects.ts'
import { describeOnEachQueue } from '../support/services.ts'
import { aYard, type Yard } from './support/yard.ts'

const short = { epochs: 20 }
const long = { epochs: 400_000, checkpoint_every: 1_000 }

describeOnEachQueue('limits at work', (backend) => {
  let yard: Yard

  beforeEach(async () => {
    yard = await aYard(backend)
  })
  afterEach(() => yard.dispose())

  test('jobs of a project that may run one run one after the other, without a pause between', async () => {
    await updateProject(yard.store.db, yard.projectId, { limits: { jobs_running: 1 } })
    const ids = await Promise.all(Array.from({ length: 12 }, () => yard.submit(short)))
    const startedAtMs = performance.now()
    yard.work({ threads: 2 })
    await Promise.all(ids.map(yard.untilEnded))

    // The reconciler would find one every two seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(12_000)
    const { rows } = await yard.store.db.query<{ overlaps: number }>(
      `SELECT count(*)::int AS overlaps FROM runs a JOIN runs b
        ON a.id <> b.id AND a.started_at < b.ended_at AND b.started_at < a.ended_at`,
    )
    expect(rows[0].overlaps).toBe(0)
  })

  test('a job that needs all the memory runs, although small ones keep coming', async () => {
    const small = { epochs: 400 }
    const { planBytes } = await yard.job(await yard.submit(small))
    const memoryBytes = Number(planBytes) * 10
    for (let i = 0; i < 8; i++) await yard.submit(small)
    const large = await yard.submit(small)
    await yard.store.db.query(
      `UPDATE jobs SET plan_bytes = $2, plan = jsonb_set(plan, '{bytes,total}', to_jsonb($2::bigint))
      WHERE id = $1`,
      [large, memoryBytes],
    )
    yard.work({ threads: 2, memoryBytes })
    let isDone = false
    let before = 0
    async function keepComing(): Promise<void> {
      while (!isDone) {
        await yard.untilEnded(await yard.submit(small))
        before += 1
      }
    }
    const streams = [1, 2, 3, 4].map(keepComing)
    const { status } = await yard.untilEnded(large)
    isDone = true
    const passed = before
    await Promise.all(streams)

    expect(status).toBe('succeeded')
    expect(passed).toBeLessThan(60)
  })

  test('a job that has trained too long fails, and its last checkpoint is there to begin from', async () => {
    yard.work({ limits: { job_seconds: 6 } }) // on a busy machine a first thread takes two to begin
    const id = await yard.submit({ ...long, epochs: 4_000_000 })
    const job = await yard.untilEnded(id)

    expect(job).toMatchObject({
      status: 'failed',
      statusReason: {
        code: 'time_limit_exceeded',
        message: expect.stringContaining('for 6 s, as long as a job of this project may'),
      },
    })
    const { rows } = await yard.store.checkpoints.list(id, { limit: 1, order: 'desc' })
    const { step } = job.progress as { step: number }
    expect(rows[0]?.step).toBe(step)
    const next = await yard.submit(short, { init_from: { job: id, checkpoint: rows[0].id } })
    expect((await yard.untilEnded(next)).status).toBe('succeeded')
  })

  test('the time of all runs counts, and that of a pause does not', async () => {
    await updateProject(yard.store.db, yard.projectId, { limits: { job_seconds: 3 } })
    yard.work()
    const id = await yard.submit({ ...long, epochs: 4_000_000 })
    await yard.untilStatus(id, 'running')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await pauseJob(yard.store.db, yard.projectId, id)
    await yard.untilStatus(id, 'paused')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    const resumedAtMs = performance.now()
    await resumeJob(yard.store.db, yard.projectId, id)
    yard.relay.wake()
    const job = await yard.untilEnded(id)
    const tookMs = performance.now() - resumedAtMs

    expect(job.statusReason).toMatchObject({ code: 'time_limit_exceeded' })
    expect(tookMs).toBeGreaterThan(500)
    expect(tookMs).toBeLessThan(2_900)
    expect(await yard.store.countSeconds(id)).toBeGreaterThanOrEqual(2.9)
  })
})
