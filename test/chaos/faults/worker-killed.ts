/**
 * @file SIGKILL of worker processes: at any moment, in the middle of writing a checkpoint, and in the
 * middle of writing a result.
 * The statement that waits then still commits once the lock is gone, and nobody is left to hear of it:
 * the outcome that a worker can never know.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Random } from '../random.ts'
import type { Slot } from '../stand/slot.ts'
import type { Stand } from '../stand/stand.ts'
import { keepBusy } from '../workload/load.ts'
import type { Fault } from './fault.ts'
import { describeTakeovers, type Loss, lateOnes, takeoversOf } from './takeovers.ts'
import { whileWriting } from './while-writing.ts'

const moments = ['any', 'any', 'checkpoints', 'weights'] as const

export const workerKilled: Fault = {
  name: 'worker-killed',
  says: 'SIGKILL of a worker process: at random, while it writes a checkpoint, while it finishes',
  asked: '0 lost, 0 divergent; taken over ≤ lease + 5 s',
  tries: {
    full: { redis: 200, postgres: 60 },
    short: { redis: 13, postgres: 13 },
  },
  allowed: [],
  async run({ stand, random, tries, isShort }) {
    const extra = isShort ? 0 : 2
    for (let i = 0; i < extra; i++) await stand.open(stand.shape === 'redis' ? 'worker' : 'all', 2)
    const victims = stand.slots.filter(({ trains }) => trains)
    const load = keepBusy(stand, random)
    const losses: Loss[] = []
    const hit = { any: 0, checkpoints: 0, weights: 0 }
    for (let i = 0; i < tries; i++) {
      await sleep(random.between(200, 1_200))
      const { victim, moment } = await kill(stand, random, victims)
      hit[moment] += 1
      losses.push({ pid: victim.process.pid, atMs: Date.now() })
      victim.up().catch(() => {}) // told by settle
    }
    await load.stop()
    await stand.settle()
    const takeovers = await takeoversOf(stand, losses)
    return {
      tries,
      recoveriesMs: takeovers.map(({ backMs }) => backMs),
      problems: lateOnes(stand, takeovers),
      notes: [
        `${hit.checkpoints} while a checkpoint was written, ${hit.weights} while a result was`,
        describeTakeovers(takeovers),
      ],
    }
  },
}

async function kill(stand: Stand, random: Random, victims: readonly Slot[]) {
  const alive = await whenSomeAreUp(victims)
  const moment = random.pick(moments)
  const anyone = random.pick(alive)
  const hit =
    moment === 'any'
      ? null
      : await whileWriting(stand, moment, alive, ({ process }) => process.end('SIGKILL'))
  if (moment !== 'any' && hit) return { victim: hit, moment }
  await anyone.process.end('SIGKILL')
  return { victim: anyone, moment: 'any' as const }
}

async function whenSomeAreUp(victims: readonly Slot[]): Promise<readonly Slot[]> {
  for (;;) {
    const alive = victims.filter((slot) => slot.isUp())
    if (alive.length > 1 || alive.length === victims.length) return alive
    await sleep(20)
  }
}
