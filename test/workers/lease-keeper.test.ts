import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type HeldRun, holdRun } from '../../src/workers/held-run.ts'
import { createLeaseKeeper, type LeaseKeeper } from '../../src/workers/lease-keeper.ts'

const leaseSeconds = 30
/** The longest that a run may be silent, and then its lease. */
const untilLostMs = 120_000 + leaseSeconds * 1000

let leases: LeaseKeeper
let lost: string[]

beforeEach(() => {
  vi.useFakeTimers()
  lost = []
  const renewed = async (claims: readonly { jobId: string }[]) =>
    claims.map(({ jobId }) => ({ jobId, intent: 'none' as const }))
  leases = createLeaseKeeper({
    store: { renewLeases: renewed, readIntents: renewed },
    leaseSeconds,
    onLost: (run, reason) => lost.push(`${run.jobId} ${reason}`),
    onError(error) {
      throw error
    },
  })
})

afterEach(async () => {
  await leases.stop()
  vi.useRealTimers()
})

function aRun(jobId: string): HeldRun {
  const run = holdRun({ jobId, fence: 1 }, leaseSeconds, performance.now())
  leases.keep(run)
  return run
}

/** So much time passes, with a sign of life from each of these every second. */
async function pass(ms: number, ...alive: HeldRun[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    for (const run of alive) run.tick()
    await vi.advanceTimersByTimeAsync(1000)
  }
}

test('a run that is silent for two minutes loses its lease', async () => {
  const silent = aRun('silent')
  await pass(110_000)
  expect(silent.held).toBe(true)
  await pass(untilLostMs - 110_000)

  expect(silent.held).toBe(false)
  expect(lost).toEqual(['silent not_renewed'])
})

test('pieces that are read keep the lease, however long all of them take', async () => {
  const loading = aRun('loading')
  await pass(untilLostMs * 4, loading)

  expect(loading.held).toBe(true)
})

test('a run that waits for a thread is not silent while those before it train', async () => {
  const training = aRun('training')
  const waiting = aRun('waiting')
  waiting.wait()
  await pass(untilLostMs * 2, training)
  expect(waiting.held).toBe(true)

  // Its own clock begins when a thread has it, and not before.
  waiting.begin()
  await pass(110_000, training)
  expect(waiting.held).toBe(true)
  await pass(untilLostMs - 110_000, training)
  expect(lost).toEqual(['waiting not_renewed'])
})

test('behind a thread that hangs nobody waits for ever', async () => {
  aRun('hanging')
  aRun('waiting').wait()
  await pass(untilLostMs * 2)

  expect(lost).toEqual(['hanging not_renewed', 'waiting not_renewed'])
})
