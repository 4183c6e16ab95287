/**
 * @file `trainyard erase --shred`: what was deleted over HTTP is gone from the tables at once, and its
 * bytes lie on in Postgres's files until they happen to be written over. This does it now.
 */
import type { KeptLog } from '../../store/shred/kept-log.ts'
import type { OverwrittenLog } from '../../store/shred/overwrite-log.ts'
import { openShredder, type Shredder } from '../../store/shred/shred.ts'
import type { OldReader } from '../../store/shred/wait-for-readers.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { AdminError, codeOf, reasonOf, UsageError } from '../errors.ts'
import { describeBytes, describeCount, describeSeconds } from '../quantities.ts'

/** An upload lasts as long as its client takes; whoever waits here wants to be told by then. */
const readersEndWithinMs = 60_000

/** What no program inside the database can promise. */
const outOfReach =
  'Out of reach, and yours to deal with: backups, replicas, archives of the write-ahead log, snapshots ' +
  'of the disk, and the free blocks of the disk itself.'

export const erase: Command = {
  usage: '--shred',
  summary: "writes over what deleted datasets, jobs and projects left in Postgres's files",

  async run(args, { openDatabase, signal, print }) {
    if (!readArguments(args, { switches: ['shred'] }).has('shred')) {
      throw new UsageError('Expected --shred: it rewrites every table, and others wait meanwhile.')
    }
    const startedAtMs = performance.now()
    const { url } = await openDatabase()
    const shredder = await openShredder(url)
    try {
      await waitForReaders(shredder)
      signal.throwIfAborted()
      const { tables, bytesBefore, bytesAfter } = await rewriteTables(shredder)
      print(
        `Rewrote ${describeCount(tables, 'table')}: ${describeBytes(bytesBefore)} before, ` +
          `${describeBytes(bytesAfter)} now.`,
      )
      signal.throwIfAborted()
      const { segments, kept } = await overwriteLog(shredder)
      const took = describeSeconds(performance.now() - startedAtMs)
      print(`Wrote over ${describeCount(segments, 'old segment')} of its log. Done in ${took}.`)
      print(outOfReach)
      if (kept.segments > 0) throw isKept(kept)
      return 0
    } finally {
      await shredder.close()
    }
  },
}

async function waitForReaders(shredder: Shredder): Promise<void> {
  const readers = await shredder.waitForReaders(readersEndWithinMs)
  if (readers.length === 0) return
  const list = readers.map((reader) => `  ${describeReader(reader)}`)
  throw new AdminError(
    `Nothing was erased: what was deleted is kept for those that began before.\n${list.join('\n')}\n` +
      'Wait until they have ended, as uploads and backups do, or end them: pg_terminate_backend(process), ' +
      "ROLLBACK PREPARED 'name', pg_drop_replication_slot('name').",
  )
}

function describeReader({ kind, name, detail, openSeconds }: OldReader): string {
  const openFor = openSeconds === null ? '' : `, open for ${openSeconds} s`
  switch (kind) {
    case 'transaction':
      return `process ${name} (${detail})${openFor}`
    case 'prepared_transaction':
      return `prepared transaction '${name}' of ${detail}${openFor}`
    case 'replication_slot':
      return `replication slot '${name}' (${detail})`
    default:
      return kind satisfies never
  }
}

function isKept({ segments, bytes, reasons }: KeptLog): AdminError {
  return new AdminError(
    `The tables are rewritten, and ${describeCount(segments, 'segment')} of the log ` +
      `(${describeBytes(bytes)}) may still hold what was deleted: Postgres keeps what lies before its ` +
      `last checkpoint. ${reasons.length === 0 ? 'It does not say why' : reasons.join('; ')}. ` +
      'Mend that (ALTER SYSTEM, pg_drop_replication_slot), and run it again.',
  )
}

/** Of Postgres, for a role that may not. */
const forbidden = '42501'

async function rewriteTables(shredder: Shredder) {
  return shredder.rewriteTables().catch((error) => {
    const advice =
      codeOf(error) === forbidden
        ? 'It takes the owner of the tables, who is a superuser or may also delete from pg_statistic and vacuum it.'
        : 'Mend that, and run it again.'
    throw new AdminError(`Not everything was erased: ${reasonOf(error)}. ${advice}`, {
      cause: error,
    })
  })
}

async function overwriteLog(shredder: Shredder): Promise<OverwrittenLog> {
  return shredder.overwriteLog().catch((error) => {
    const advice =
      codeOf(error) === forbidden
        ? 'It takes a superuser, or a role with pg_checkpoint, pg_monitor and EXECUTE on pg_switch_wal().'
        : 'Mend that, and run it again.'
    throw new AdminError(
      `The tables are rewritten, and the log still holds what was deleted: ${reasonOf(error)}. ${advice}`,
      { cause: error },
    )
  })
}
