/**
 * @file How the service feels while it is fuzzed: the longest delay of its event loop, a look four
 * times a second, and its memory.
 *
 * On a machine that is shared, a loop also waits for a core. The kernel counts how long (Linux,
 * schedstat), so what is left is what the code itself held the loop for.
 */
import { readFileSync } from 'node:fs'

export interface Health {
  /** The longest delay that was seen, with the time for which the process had no core. */
  readonly longestDelayMs: number
  /** The longest delay less that time. */
  readonly longestOwnDelayMs: number
  readonly firstResidentMiB: number
  readonly mostResidentMiB: number
  readonly lastResidentMiB: number
}

export interface HealthMonitor {
  /** Called with each window whose own delay is over the limit. */
  stop(): Promise<Health>
}

export interface HealthOptions {
  readonly url: string
  readonly pid: number
  readonly limitMs: number
  readonly onOver: (ownDelayMs: number) => void
}

const lookEveryMs = 250

export function watchHealth({ url, pid, limitMs, onOver }: HealthOptions): HealthMonitor {
  const delays: number[] = []
  const ownDelays: number[] = []
  const resident: number[] = []
  let waitedMs = waitForCoreMs(pid)
  let stopped = false

  async function look(isFirst: boolean): Promise<void> {
    const text = await (await fetch(`${url}/metrics`)).text()
    const waited = waitForCoreMs(pid)
    const inWindowMs = waited - waitedMs
    waitedMs = waited
    resident.push(metric(text, 'process_resident_memory_bytes') / 2 ** 20)
    if (isFirst) return // its window reaches back to the start of the program
    const delayMs = metric(text, 'nodejs_eventloop_lag_max_seconds') * 1_000
    const ownDelayMs = Math.max(0, delayMs - inWindowMs)
    delays.push(delayMs)
    ownDelays.push(ownDelayMs)
    if (ownDelayMs > limitMs) onOver(ownDelayMs)
  }

  async function watch(): Promise<void> {
    await look(true)
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      await look(false)
    }
  }

  const watching = watch()
  return {
    async stop() {
      stopped = true
      await watching
      return {
        longestDelayMs: Math.max(0, ...delays),
        longestOwnDelayMs: Math.max(0, ...ownDelays),
        firstResidentMiB: resident[0],
        mostResidentMiB: Math.max(...resident),
        lastResidentMiB: resident[resident.length - 1],
      }
    },
  }
}

function metric(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

/** How long the main thread was ready to run and had no core; 0 where the kernel does not say. */
function waitForCoreMs(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
