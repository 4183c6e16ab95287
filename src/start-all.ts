/**
 * @file Parts that are started in the order in which they need each other, and stopped in the opposite
 * one.
 */
import type { Logger as PinoLogger } from 'pino'

import { withDeadline } from './queue/deadline.ts'

export type Logger = PinoLogger<never, boolean>

/** What was started and must be stopped, the latest last. */
export type StopStack = (() => Promise<unknown>)[]

/** Longer than any part should take. One that hangs, as on a hung database, keeps no other waiting. */
const stopWithinMs = 60_000

async function unwind(stops: StopStack, log: Logger): Promise<void> {
  for (const stop of stops.splice(0).reverse()) {
    await withDeadline(stop(), stopWithinMs, 'Stopping a part').catch((error) =>
      log.error({ err: error }, 'a part did not stop in order'),
    )
  }
}

/** When a part cannot start, those before it are stopped again, and the error goes on. */
export async function startAll<T extends object>(
  log: Logger,
  start: (stops: StopStack) => Promise<T>,
): Promise<T & { stop(): Promise<void> }> {
  const stops: StopStack = []
  try {
    return { ...(await start(stops)), stop: () => unwind(stops, log) }
  } catch (error) {
    await unwind(stops, log)
    throw error
  }
}
