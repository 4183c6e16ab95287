/** @file Requests that start by the clock, whether or not earlier ones were answered. */
import { sleep } from './scenario.ts'

export async function byTheClock(
  perSecond: number,
  seconds: number,
  send: (index: number) => Promise<void>,
): Promise<void> {
  const pending: Promise<void>[] = []
  const startedAtMs = performance.now()
  for (let i = 0; i < perSecond * seconds; i++) {
    const waitMs = startedAtMs + (i * 1000) / perSecond - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    pending.push(send(i))
  }
  await Promise.all(pending)
}
