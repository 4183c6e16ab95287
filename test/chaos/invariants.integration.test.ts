/**
 * @file The judge of the fault tests is itself on trial: a database where all is well, then each
 * invariant broken on purpose, and its complaint.
 */
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import type { Preprocessing } from '../../src/contract/preprocessing.ts'
import type { ClaimedJob } from '../../src/store/runs/claim-next.ts'
import {
  aCheckpoint,
  aDataset,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from '../store/support/seed.ts'
import { checkInvariants, countDamage, type Evidence, watchWrites } from './invariants.ts'

const preprocessing: Preprocessing = {
  version: 1,
  inputs: 0,
  features: [],
  target: { task: 'regression', columns: [] },
}
const progress = { step: 2, steps: 10, epoch: 2, epochs: 10, eta_seconds: null }
const points = [
  { name: 'loss', step: 1, value: 0.5 },
  { name: 'loss', step: 2, value: Number.NaN },
]

let yard: TestStore
let worker: TestStore['store']
let client: pg.Client
let projectId: string
let datasetId: string
let reference: string
let job: string

beforeEach(async () => {
  yard = await testStore()
  worker = yard.store
  client = new pg.Client({ connectionString: yard.database.url, application_name: 'intruder' })
  await client.connect()
  await watchWrites(client)
  projectId = await aProject(worker)
  datasetId = await aDataset(worker, projectId)
  reference = await succeed()
  job = await succeed()
})

afterEach(async () => {
  await client.end()
  await yard.dispose()
})

async function claim(): Promise<ClaimedJob> {
  const claimed = await worker.claimNext(aWorker)
  if (!claimed) throw new Error('There is nothing to claim.')
  return claimed
}

/** A job with losses, a checkpoint and weights, as a worker leaves it. */
async function succeed(owner = projectId, dataset = datasetId): Promise<string> {
  await aQueuedJob(worker, owner, dataset)
  const claimed = await claim()
  await worker.writeProgress(claimed, { progress, points })
  await aCheckpoint(worker, claimed, 2)
  await worker.finishRun(claimed, {
    jobStatus: 'succeeded',
    runStatus: 'succeeded',
    reason: null,
    weights: { content: new Uint8Array([1, 2, 3]), preprocessing },
  })
  return claimed.jobId
}

async function complaints(changes: Partial<Evidence> = {}): Promise<string[]> {
  const found = await checkInvariants({
    database: client,
    accepted: [reference, job].map((id) => ({ id, ends: ['succeeded'] })),
    undisturbed: [reference],
    ...changes,
  })
  return found.map(({ invariant, what }) => `${invariant} ${what}`)
}

const sql = (text: string, ...values: unknown[]) => client.query(text, values)

test('where nothing is wrong there is no complaint', async () => {
  expect(await complaints()).toEqual([])
})

describe('I1', () => {
  test('an accepted job that is not there', async () => {
    expect(await complaints({ accepted: [{ id: newId('job'), ends: ['succeeded'] }] })).toEqual([
      'I1 it was accepted, and is not there',
    ])
  })

  test('one that never ends', async () => {
    const id = await aQueuedJob(worker, projectId, datasetId)
    expect(await complaints({ accepted: [{ id, ends: ['succeeded'] }] })).toEqual([
      'I1 it is still queued',
    ])
  })

  test('one that fails though nothing is wrong with it', async () => {
    const id = await aQueuedJob(worker, projectId, datasetId)
    const reason = { code: 'thread_crashed', message: 'x' } as const
    await worker.finishRun(await claim(), { jobStatus: 'failed', runStatus: 'failed', reason })
    expect(await complaints({ accepted: [{ id, ends: ['succeeded'] }] })).toEqual([
      'I1 it ended as failed (thread_crashed: x)',
    ])
    expect(await complaints({ accepted: [{ id, ends: ['failed'] }] })).toEqual([])
  })

  test('a request that made two jobs, and an answered one that made none', async () => {
    for (let i = 0; i < 2; i++) await aQueuedJob(worker, projectId, datasetId, { name: 'twice' })
    const named = [
      { name: 'twice', isAnswered: true },
      { name: 'never', isAnswered: true },
      { name: 'unanswered', isAnswered: false },
    ]
    expect(await complaints({ named })).toEqual([
      'I1 the request twice made 2 jobs',
      'I1 the request never made 0 jobs',
    ])
  })
})

describe('I2', () => {
  test('an end that is taken back, though the row says otherwise', async () => {
    await sql(`UPDATE jobs SET status = 'queued' WHERE id = $1`, job)
    await sql(`UPDATE jobs SET status = 'succeeded' WHERE id = $1`, job)
    expect(await complaints()).toEqual(['I2 succeeded became queued'])
  })

  test('a second terminal state', async () => {
    await sql(
      `UPDATE jobs SET transitions = transitions || '[{"status":"failed","at":"x"}]' WHERE id = $1`,
      job,
    )
    expect(await complaints()).toEqual([
      'I2 it has reached 2 terminal states',
      'I2 its last transition is not its status',
    ])
  })

  test('an event after the end, or a gap in their numbers', async () => {
    await sql('UPDATE jobs SET event_seq = event_seq + 1 WHERE id = $1', job)
    expect(await complaints()).toEqual([expect.stringMatching(/^I2 it has \d+ events of \d+$/)])
    await sql(
      `INSERT INTO events (job_id, seq, type, data) SELECT id, event_seq, 'status', '{}' FROM jobs WHERE id = $1`,
      job,
    )
    expect(await complaints()).toEqual(['I2 an event came after its end'])
  })

  test('a run that goes on after the end', async () => {
    await sql(`UPDATE runs SET status = 'running' WHERE job_id = $1`, job)
    expect(await complaints()).toEqual(['I2 one of its runs goes on'])
  })

  test('another answer than a client was given before', async () => {
    const seen = [{ id: job, status: 'succeeded' as const, weightsSha256: 'other' }]
    expect(await complaints({ seen })).toEqual([
      expect.stringContaining('I2 a client saw succeeded with other; now it is succeeded with'),
    ])
  })
})

test('I3: success without weights, and weights without success', async () => {
  await sql('DELETE FROM weights WHERE job_id = $1', job)
  expect(await complaints()).toContain('I3 it is succeeded, and its weights are not there')
  await sql(`UPDATE jobs SET status = 'failed' WHERE id = $1`, reference)
  expect(await complaints()).toContainEqual(
    expect.stringContaining('I3 it is failed, and its weights are'),
  )
})

test('I4: other weights than those of the undisturbed run, or none to compare with', async () => {
  await sql(`UPDATE weights SET sha256 = 'f00' WHERE job_id = $1`, job)
  expect(await complaints()).toContainEqual(
    expect.stringContaining('I4 its weights are f00, expected'),
  )
  expect(await complaints({ undisturbed: [] })).toContain(
    'I4 no undisturbed run of its spec is known: nothing to compare it with',
  )
})

describe('I5', () => {
  test('a gap', async () => {
    await sql('DELETE FROM losses WHERE job_id = $1 AND step = 1', job)
    expect(await complaints()).toEqual(['I5 loss at step 1 is missing, expected 3fe0000000000000'])
  })

  test('other bits, even of NaN or zero', async () => {
    await sql(`UPDATE losses SET value = '-0' WHERE job_id = $1 AND step = 1`, job)
    await sql(`UPDATE losses SET value = 0 WHERE job_id = $1 AND step = 1`, reference)
    expect(await complaints()).toEqual([
      'I5 loss at step 1 is 8000000000000000, expected 0000000000000000',
    ])
  })

  test('a step that nobody took', async () => {
    await sql(`INSERT INTO losses VALUES ($1, 'loss', 3, 1, 3)`, job)
    expect(await complaints()).toContain(
      'I5 loss at step 3 is 3ff0000000000000, expected no such step',
    )
  })

  test('a job that was stopped may end between two steps of the series, and nowhere else', async () => {
    const stopped = `{"code": "stopped_early", "message": "."}`
    await sql('UPDATE jobs SET status_reason = $2 WHERE id = $1', job, stopped)
    const ofLosses = async () => (await complaints()).filter((each) => each.startsWith('I5'))
    await sql(`INSERT INTO losses VALUES ($1, 'loss', 3, 1, 3)`, job)
    expect(await ofLosses()).toEqual([])
    await sql(`INSERT INTO losses VALUES ($1, 'loss', 4, 1, 4)`, job)
    expect(await ofLosses()).toEqual([
      'I5 loss at step 3 is 3ff0000000000000, expected no such step',
    ])
  })

  test('a job that was cancelled has the beginning of the series, and no other', async () => {
    const id = await aQueuedJob(worker, projectId, datasetId)
    const claimed = await claim()
    await worker.writeProgress(claimed, { progress, points: points.slice(0, 1) })
    const end = { jobStatus: 'cancelled', runStatus: 'cancelled', reason: null } as const
    await worker.finishRun(claimed, end)
    const accepted = [{ id, ends: ['cancelled' as const] }]
    expect(await complaints({ accepted })).toEqual([])
    await sql('UPDATE losses SET value = 7 WHERE job_id = $1', id)
    expect(await complaints({ accepted })).toEqual([
      'I5 loss at step 1 is 401c000000000000, expected 3fe0000000000000',
    ])
  })
})

describe('I6', () => {
  test('a worker that writes to a job which another one has claimed', async () => {
    await aQueuedJob(worker, projectId, datasetId)
    const { jobId } = await claim()
    await sql(`INSERT INTO losses VALUES ($1, 'loss', 1, 0.5, 2)`, jobId)
    expect(await complaints()).toEqual(['I6 intruder wrote to losses under fence 1 of test'])
  })

  test('a running job that is taken away before its lease has run out', async () => {
    await aQueuedJob(worker, projectId, datasetId)
    const { jobId } = await claim()
    await sql(`UPDATE jobs SET status = 'queued' WHERE id = $1`, jobId)
    expect(await complaints()).toEqual(['I6 intruder wrote to jobs under fence 1 of test'])
  })

  test('nothing, when it is taken back after that', async () => {
    await aQueuedJob(worker, projectId, datasetId)
    const { jobId } = await claim()
    await sql(`UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, jobId)
    await sql(`UPDATE jobs SET status = 'queued' WHERE id = $1`, jobId)
    expect(await complaints()).toEqual([])
  })

  test('a fence that shrinks, or that no run has', async () => {
    await sql('UPDATE jobs SET fence = 0 WHERE id = $1', job)
    expect(await complaints()).toContain('I6 its fence went from 1 to 0')
    expect(await complaints()).toContain('I6 fence 0, attempt 1, but 1 runs up to 1')
  })

  test('a checkpoint of a fence that was never given', async () => {
    await sql('UPDATE checkpoints SET fence = 5 WHERE job_id = $1', job)
    expect(await complaints()).toEqual(['I6 its checkpoint at step 2 has the fence 5'])
  })
})

test('I7: rows of two projects that belong together, and a door that was open', async () => {
  const other = await aProject(worker)
  await sql(
    'UPDATE blobs SET project_id = $2 WHERE id = (SELECT blob_id FROM weights WHERE job_id = $1)',
    job,
    other,
  )
  const foreign = [
    { path: '/v1/jobs/x', status: 404 },
    { path: '/v1/jobs/y', status: 200 },
  ]
  expect(await complaints({ foreign })).toEqual([
    'I7 the file of its weights is of another project',
    'I7 /v1/jobs/y of another project was answered with 200',
  ])
})

test('I7: a job that starts from the weights of another project', async () => {
  await sql('INSERT INTO weights_uses (job_id, weights_job_id) VALUES ($1, $2)', job, reference)
  expect(await complaints()).toEqual([])
  const other = await aProject(worker)
  const neighbor = await succeed(other, await aDataset(worker, other))
  await sql('UPDATE weights_uses SET weights_job_id = $1', neighbor)
  expect(await complaints()).toEqual([
    'I7 the job whose weights it starts from is of another project',
  ])
})

describe('I8', () => {
  test('a blob that nothing owns', async () => {
    await sql('DELETE FROM checkpoints WHERE job_id = $1', job)
    expect(await complaints()).toEqual([
      expect.stringMatching(/^I8 blob \w+ belongs to nothing$/),
      expect.stringMatching(/^I8 blob \w+ belongs to nothing$/),
    ])
  })

  test('a chunk that is gone, and one that is changed', async () => {
    const blobOf = '(SELECT blob_id FROM weights WHERE job_id = $1)'
    await sql(`DELETE FROM blob_chunks WHERE blob_id = ${blobOf}`, job)
    expect(await complaints()).toEqual([expect.stringContaining('of 3 bytes has 0, or others')])
    await sql(`UPDATE blob_chunks SET data = 'abc' WHERE blob_id = ${blobOf}`, reference)
    expect(await complaints()).toHaveLength(2)
  })
})

describe('I9', () => {
  const messages = [
    { seq: 1, type: 'status' as const },
    { seq: 2, type: 'status' as const },
    { seq: 3, type: 'loss' as const, points: ['loss 1', 'loss 2'] },
    { seq: 5, type: 'status' as const },
    { seq: 6, type: 'end' as const },
  ]
  const streamed = (...of: (typeof messages)[number][]) =>
    complaints({ streams: [{ jobId: job, messages: of }] })

  test('nothing, when each status came once', async () => {
    expect(await streamed(...messages)).toEqual([])
  })

  test('a status that came twice, or never', async () => {
    expect(await streamed(...messages.slice(0, 2), messages[1]!, ...messages.slice(2))).toEqual([
      'I9 event 2 came after event 2',
      'I9 its statuses were the events 1,2,2,5,6, expected 1,2,5,6',
    ])
    expect(await streamed(...messages.slice(0, 4))).toEqual([
      'I9 its statuses were the events 1,2,5, expected 1,2,5,6',
    ])
  })

  test('a point that came twice', async () => {
    const again = { seq: 4, type: 'loss' as const, points: ['loss 2'] }
    const [first, second, third, ...rest] = messages
    expect(await streamed(first!, second!, third!, again, ...rest)).toEqual([
      'I9 the point loss 2 came twice',
    ])
  })
})

test('I10: a count that is not what is there', async () => {
  await aQueuedJob(worker, projectId, datasetId)
  expect(
    await complaints({ usage: [{ projectId, jobsUnfinished: 1, datasetsBytes: 12 }] }),
  ).toEqual([])
  expect(
    await complaints({ usage: [{ projectId, jobsUnfinished: 0, datasetsBytes: 12 }] }),
  ).toEqual([expect.stringContaining('I10')])
})

test('jobs are counted as lost or divergent once, however much is wrong with them', () => {
  const of = (invariant: 'I1' | 'I3' | 'I4' | 'I5' | 'I8', jobId: string | null) =>
    ({ invariant, jobId, what: '' }) as const
  expect(
    countDamage([of('I1', 'a'), of('I3', 'a'), of('I4', 'b'), of('I5', 'c'), of('I8', null)]),
  ).toEqual({ lost: 1, diverged: 2 })
})
