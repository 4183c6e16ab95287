/**
 * @file The Postgres of a Trainyard that was given none: started where it does not run, adopted where
 * it does, brought back when it dies, and stopped by the last program that uses it.
 */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { bringUp, type Running } from './bring-up.ts'
import { readPassword, roleName } from './cluster.ts'
import { placeDataFolder } from './data-folder.ts'
import { explainRefusal } from './errors.ts'
import type { Log } from './log.ts'
import { stopPostmaster } from './postmaster.ts'

export interface EmbeddedPostgresOptions {
  readonly dataFolder: string
  readonly log: Log
  /** False gives up the data of a crash for speed: for tests alone. */
  readonly isDurable?: boolean
}

export interface EmbeddedPostgres {
  /** With the password in it. The same for as long as this program runs. */
  readonly url: string
  /** Not always the one asked for: see placeDataFolder. */
  readonly dataFolder: string
  /** It was running already. */
  readonly adopted: boolean
  /** Stops Postgres, unless another program uses it too. Call it last. */
  stop(): Promise<void>
}

const firstPauseMs = 100
const lastPauseMs = 2000

/** Errors: EmbeddedPostgresError for what the user can mend. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  try {
    return await start(options)
  } catch (error) {
    throw explainRefusal(error, resolve(options.dataFolder))
  }
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, isDurable = true } = options
  const place = placeDataFolder(options.dataFolder)
  let isStopping = false
  let repair: Promise<void> | undefined
  let running: Running

  function onLost() {
    if (isStopping || repair) return
    repair = bringBack().finally(() => {
      repair = undefined
    })
  }

  /** On the same port, since the URL was given away. Says so twice, however long it takes. */
  async function bringBack() {
    const { port } = running
    log.warn({ port }, 'lost the embedded Postgres: bringing it back')
    for (let pauseMs = firstPauseMs; !isStopping; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
      try {
        running = await bringUp(place, { port, isDurable, onLost })
        log.info({ port, adopted: running.adopted }, 'the embedded Postgres is back')
        return
      } catch (error) {
        if (pauseMs === firstPauseMs) log.warn({ err: error }, 'it does not start: retrying')
        await sleep(pauseMs)
      }
    }
  }

  running = await bringUp(place, { isDurable, onLost })
  const password = readPassword(place.passwordFile)
  return {
    url: `postgresql://${roleName}:${password}@127.0.0.1:${running.port}/${roleName}`,
    dataFolder: place.folder,
    adopted: running.adopted,
    async stop() {
      if (isStopping) return
      isStopping = true
      await repair
      const isLast = await running.hold.release().catch(() => false)
      if (isLast) await stopPostmaster(place.cluster, log)
      else log.info({}, 'another program uses the embedded Postgres: left running')
      await running.hold.end()
    },
  }
}
