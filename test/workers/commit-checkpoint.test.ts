import { expect, test } from 'vitest'

import type { TakenCheckpoint } from '../../src/contract/tasks.ts'
import type { ClaimedJob } from '../../src/store/runs/claim-next.ts'
import { type CommitOptions, commitCheckpoint } from '../../src/workers/commit-checkpoint.ts'
import { holdRun } from '../../src/workers/held-run.ts'

const job = {
  jobId: 'job_1',
  projectId: 'prj_1',
  fence: 1,
  plan: { validation_rows: 0 },
} as ClaimedJob
const taken = { step: 10 } as TakenCheckpoint

/** Notes what happens, in order; `write` may fail, `flush` may find the claim lost. */
function aCommit({
  write = async () => true,
  flush = async () => true,
  prune = async () => {},
  isWanted = () => true,
}) {
  const calls: string[] = []
  const noting = <T>(name: string, call: () => Promise<T>) => {
    return () => {
      calls.push(name)
      return call()
    }
  }
  const store = {
    writeCheckpoint: noting('write', write),
    pruneCheckpoints: noting('prune', prune),
  }
  const options = {
    parts: {
      store,
      live: { publish: () => calls.push('publish') },
    },
    job,
    run: holdRun(job, 30, performance.now()),
    losses: { flush: noting('losses', flush) },
    isWanted,
  } as unknown as CommitOptions
  return { calls, run: options.run, commit: () => commitCheckpoint(options, taken) }
}

test('losses are committed before the checkpoint, and older ones go after it', async () => {
  const { calls, commit } = aCommit({})
  await commit()

  expect(calls).toEqual(['losses', 'write', 'publish', 'prune'])
})

test('a claim that is found lost writes nothing more', async () => {
  const before = aCommit({ flush: async () => false })
  await before.commit()
  const during = aCommit({ write: async () => false })
  await during.commit()
  const long = aCommit({})
  long.run.lose()
  await long.commit()

  expect(before.calls).toEqual(['losses'])
  expect(during.calls).toEqual(['losses', 'write'])
  expect(long.calls).toEqual([])
})

test('one that nobody wants any more is not begun', async () => {
  const { calls, commit } = aCommit({ isWanted: () => false })
  await commit()

  expect(calls).toEqual([])
})

test('is tried again while Postgres is away, and not where it would be refused again', async () => {
  let tries = 0
  const away = aCommit({
    async write() {
      tries += 1
      if (tries === 1) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
      return true
    },
  })
  await away.commit()
  const refused = aCommit({ write: () => Promise.reject(new Error('refused')) })
  await refused.commit()

  expect(away.calls).toEqual(['losses', 'write', 'losses', 'write', 'publish', 'prune'])
  expect(refused.calls).toEqual(['losses', 'write'])
})

test('is not written again where only the removal of older ones fails', async () => {
  const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
  const { calls, commit } = aCommit({ prune: () => Promise.reject(away) })
  await commit()

  expect(calls).toEqual(['losses', 'write', 'publish', 'prune'])
})

test('losses that are refused for good do not keep it waiting for ever', async () => {
  const { calls, commit } = aCommit({ flush: () => Promise.reject(new Error('refused')) })
  await commit()

  expect(calls).toEqual(['losses'])
})

test('each piece that is written is a sign of life: the thread may be done, and give none', async () => {
  const { run, commit } = aCommit({ isWanted: () => true })
  await commit()

  expect(run.heartbeats()).toBeGreaterThan(0)
})
