/**
 * @file From whatever state the data folder is in to a Postgres that runs and is held: adopt it, wait
 * for it, or make room and start it. Several programs may do so on one folder at the same time.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { prepareBinaries } from './binaries.ts'
import { ensureCluster, readPassword } from './cluster.ts'
import { type DataFolder, sweepPartials } from './data-folder.ts'
import { EmbeddedPostgresError } from './errors.ts'
import { type Hold, takeHold } from './hold.ts'
import {
  clearRemains,
  findPostmaster,
  freePort,
  lastWordsOf,
  portBefore,
  startLimitMs,
  startPostmaster,
} from './postmaster.ts'

export interface BringUpOptions {
  /** The only port to start on, for a program that has told it to others; any where left out. */
  readonly port?: number
  readonly isDurable: boolean
  /** Called once the hold has ended, though nobody released it. */
  readonly onLost: () => void
}

export interface Running {
  readonly hold: Hold
  readonly port: number
  /** It ran already, or another program started it at the same moment. */
  readonly adopted: boolean
}

const pollMs = 20
/** A port may be taken between the look and the start; three times in a row it is something else. */
const startAttempts = 3

export async function bringUp(place: DataFolder, options: BringUpOptions): Promise<Running> {
  const deadline = Date.now() + startLimitMs
  let failures = 0
  let adopted = true
  for (;;) {
    const hold = await holdWhatRuns(place, options)
    if (hold) return { ...hold, adopted }

    if (findPostmaster(place.cluster)) {
      // Starting, recovering, or stopping for another program.
      if (Date.now() > deadline) {
        throw new EmbeddedPostgresError(
          `The Postgres that runs on ${place.cluster} does not accept connections; see ${place.logFile}.`,
        )
      }
      await sleep(pollMs)
      continue
    }

    const ended = await startHere(place, options)
    adopted = ended !== undefined
    if (ended !== undefined && !findPostmaster(place.cluster)) failures += 1
    if (failures === startAttempts) {
      throw new EmbeddedPostgresError(
        `Postgres does not start (it ended with ${ended}). The end of ${place.logFile}:\n` +
          lastWordsOf(place.logFile),
      )
    }
  }
}

/** Undefined where none runs, or where it does not accept connections now. */
async function holdWhatRuns(
  { cluster, passwordFile }: DataFolder,
  { port, onLost }: BringUpOptions,
): Promise<{ hold: Hold; port: number } | undefined> {
  const found = findPostmaster(cluster)
  if (!found?.isReady) return undefined
  if (port !== undefined && found.port !== port) {
    throw new EmbeddedPostgresError(
      `Another program started Postgres on port ${found.port}, and this one needs it on ${port}.`,
    )
  }
  try {
    const hold = await takeHold(found.port, readPassword(passwordFile), onLost)
    return hold && { hold, port: found.port }
  } catch (error) {
    if (isPassing(error)) return undefined
    throw new EmbeddedPostgresError(
      `The Postgres that runs on ${cluster} refused this program: ${String(error)}. ` +
        `It was asked as the user and with the password of ${passwordFile}.`,
      { cause: error },
    )
  }
}

/** Codes of a server that starts up or shuts down. */
const passing = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return passing.includes(code) || error.message.includes('Connection terminated')
}

/** Undefined once it accepts connections, else how the process ended. */
async function startHere(place: DataFolder, options: BringUpOptions) {
  const { isDurable } = options
  const portOfKilledOne = portBefore(place.cluster)
  await clearRemains(place.cluster)
  sweepPartials(place.folder)
  const binaries = prepareBinaries(place)
  await ensureCluster(place, binaries, { isDurable })

  const wanted = options.port ?? portOfKilledOne // the same, if it can be: others may wait there
  const port = (await freePort(wanted)) ?? (options.port ? undefined : await freePort())
  if (port === undefined) {
    throw new EmbeddedPostgresError(`Port ${wanted} of the embedded Postgres is taken.`)
  }
  return startPostmaster(place, { program: binaries.postgres, port, isDurable })
}
