/**
 * @file The disk of Postgres fills up and is freed again: clients get 503 meanwhile, and nothing that
 * was accepted is lost. On a stand of its own, whose data lies in a small file system in memory; that
 * takes root.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Stand, startStand } from '../stand/stand.ts'
import { keepBusy, postSteadily } from '../workload/load.ts'
import type { Fault, FaultContext, FaultReport } from './fault.ts'

const diskMiB = 220
const fullMs = 10_000
const backWithinMs = 30_000

export const diskFull: Fault = {
  name: 'disk-full',
  says: 'the disk of Postgres is full for 10 s',
  asked: 'only 503; 0 lost; goes on once there is room',
  tries: {
    full: { redis: 3, postgres: 3 },
    short: { redis: 0, postgres: 1 },
  },
  allowed: [503],
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-disk-'))
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', folder])
    if (mounted.status !== 0) {
      rmSync(folder, { recursive: true, force: true })
      const notRun = 'a small file system cannot be mounted here: that takes root and CAP_SYS_ADMIN'
      return { tries: 0, recoveriesMs: [], problems: [], notRun }
    }
    try {
      const { shape } = context.stand
      const stand = await startStand({ shape, specs: 2, folder: join(folder) })
      try {
        return await fillRepeatedly({ ...context, stand }, folder)
      } finally {
        await stand.dispose()
      }
    } finally {
      spawnSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function fillRepeatedly(context: FaultContext, folder: string): Promise<FaultReport> {
  const { stand, random, tries } = context
  const ballast = join(folder, 'ballast')
  const recoveriesMs: number[] = []
  const loads = [keepBusy(stand, random), postSteadily(stand, 200)]
  for (let i = 0; i < tries; i++) {
    await sleep(1_000)
    const untilMs = performance.now() + fullMs
    while (performance.now() < untilMs) {
      fill(ballast, folder) // what Postgres frees meanwhile, too
      await sleep(200)
    }
    rmSync(ballast)
    recoveriesMs.push(await untilServed(stand))
  }
  await Promise.all(loads.map((load) => load.stop()))
  const isSettled = await stand.settle()
  const violations = await stand.judge.judge()
  return {
    tries,
    jobs: stand.clients.accepted.length,
    recoveriesMs,
    problems: [
      ...(isSettled ? [] : ['not all jobs ended']),
      ...violations.map(({ invariant, jobId, what }) => `${invariant} ${jobId ?? ''} ${what}`),
      ...stand.clients.tally.complaints(diskFull.allowed, { areCutsAllowed: false }),
      ...recoveriesMs
        .filter((ms) => ms > backWithinMs)
        .map((ms) => `was back after ${Math.round(ms)} ms`),
    ],
    notes: [`${stand.clients.tally.count(503)} answers were 503`],
  }
}

function fill(ballast: string, folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail === 0) return
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize), { flag: 'a' })
  } catch {
    // Postgres was faster: it is full all the same.
  }
}

/** A Postgres whose log cannot be written ends itself: a supervisor starts it again. */
async function untilServed({ clients, trivial, postgres, sql }: Stand): Promise<number> {
  const startedAtMs = performance.now()
  if (!postgres.isRunning()) await postgres.start()
  await sql('SELECT 1')
  await clients.submit(trivial)
  return performance.now() - startedAtMs
}
