/**
 * @file The threads themselves: started with nothing but what a task needs, replaced when they die, and
 * only stopped once they have started.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { Piscina } from 'piscina'

import type { KernelChoice } from '../contract/kernels.ts'
import { armedCrashPoint } from '../faults/crash-point.ts'
import { preloadEntry, threadArguments } from './entries.ts'

export interface StartOptions {
  readonly threads: number
  readonly kernels?: KernelChoice
  readonly log?: { warn(fields: object, message: string): void }
}

/** As many as asked for; each loads every entry before its first task. */
export function startThreads({ threads, kernels = 'auto', log }: StartOptions): Piscina {
  const piscina = new Piscina({
    filename: preloadEntry,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
    // Idle threads wait in their event loop, not in Atomics.wait: there the ports of ended tasks are
    // never let go (48 MB after 9,000 tasks against 6), and a hop costs 50 µs against 28.
    atomics: 'disabled',
    env: {},
    workerData: { kernels, crashPoint: armedCrashPoint() },
    execArgv: threadArguments(),
    // Only the JavaScript heap: the bytes of a plan lie in typed arrays, which this does not see.
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
    recordTiming: false,
  })
  // A thread that dies between two tasks; without a listener it would take the process along.
  piscina.on('error', (error: unknown) => log?.warn({ err: error }, 'an idle thread died'))
  piscina.on('workerDestroy', () => setTimeout(replaceMissing, replaceAfterMs, piscina).unref())
  return piscina
}

const startsWithinMs = 5_000

/**
 * Node 20 aborts the whole process when a thread is terminated while it loads its modules (`IsGraphAsync
 * must be used on an instantiated module`). Each idle thread gets one task, and answers once it has.
 */
export async function untilStarted(piscina: Piscina): Promise<void> {
  const answers = piscina.threads.map(() => piscina.run(null).catch(() => {}))
  const late = new AbortController()
  const patience = sleep(startsWithinMs, undefined, { signal: late.signal }).catch(() => {})
  await Promise.race([Promise.all(answers), patience])
  late.abort()
}

/** Long enough for a thread that cannot start not to be tried all the time. */
const replaceAfterMs = 200

/**
 * Piscina replaces a thread that dies, but not one that dies before it is ready: a task that waits for
 * it would wait for ever, and others of its team with it. One more task makes it count again.
 */
function replaceMissing(piscina: Piscina): void {
  if (piscina.queueSize === 0) return
  piscina.run(null).catch(() => {}) // it may die too, and is replaced then
}
