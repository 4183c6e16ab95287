/**
 * @file A place for a process: when one has ended, a supervisor puts another there, and tries again
 * where it does not start. Each that comes has a name of its own, so that its writes can be told.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { NotStarted, type Process, startProcess } from './process.ts'

export interface Slot {
  readonly title: string
  readonly trains: boolean
  /** Where its API listens. */
  readonly url: string | null
  /** The latest; it may have ended. */
  readonly process: Process
  isUp(): boolean
  /** Resolves when one runs; at once where one does. */
  up(): Promise<void>
}

export interface SlotOptions {
  readonly title: string
  readonly role: 'api' | 'worker' | 'all'
  /** 0 for one that listens to nobody. */
  readonly port: number
  /** Of the process with this name. */
  readonly settingsOf: (name: string) => Readonly<Record<string, string>>
}

const pauseMs = 200
const giveUpAfterMs = 120_000

export async function openSlot({ title, role, port, settingsOf }: SlotOptions): Promise<Slot> {
  let starts = 0
  let current = await start()
  let starting: Promise<void> | undefined

  function start(): Promise<Process> {
    starts += 1
    const name = `${title}.${starts}`
    return startProcess(name, { ...settingsOf(name), ROLE: role, PORT: String(port) })
  }

  async function startAgain(): Promise<void> {
    const deadlineMs = performance.now() + giveUpAfterMs
    for (;;) {
      try {
        current = await start()
        return
      } catch (error) {
        if (!(error instanceof NotStarted) || performance.now() > deadlineMs) throw error
        await sleep(pauseMs)
      }
    }
  }

  return {
    title,
    trains: role !== 'api',
    url: role === 'worker' ? null : `http://127.0.0.1:${port}`,
    get process() {
      return current
    },
    isUp: () => !current.hasEnded(),
    up() {
      if (!starting && !current.hasEnded()) return Promise.resolve()
      starting ??= startAgain().finally(() => {
        starting = undefined
      })
      return starting
    },
  }
}
