/**
 * @file Hits a worker in the middle of a write: the test holds a lock that the write must wait for, does
 * what it wants to the process whose statement waits, and lets go.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import type { Slot } from '../stand/slot.ts'
import type { Stand } from '../stand/stand.ts'

const waitForWriteMs = 5_000

/** The one that was hit, or null when none came to write in time. */
export async function whileWriting(
  stand: Stand,
  table: 'checkpoints' | 'weights',
  victims: readonly Slot[],
  hit: (victim: Slot) => Promise<void> | void,
  withinMs = waitForWriteMs,
): Promise<Slot | null> {
  const client = new pg.Client(stand.postgres.urlFor('chaos'))
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(`LOCK TABLE ${table} IN SHARE MODE`) // readers go on, writers wait
    for (const deadlineMs = performance.now() + withinMs; performance.now() < deadlineMs; ) {
      const { rows } = await client.query<{ application_name: string }>(
        `SELECT application_name FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND pid IN (
          SELECT pid FROM pg_locks WHERE relation = $1::regclass AND NOT granted)`,
        [table],
      )
      const names = rows.map((row) => row.application_name)
      const victim = victims.find(({ process }) => names.includes(process.name))
      if (victim) {
        await hit(victim)
        return victim
      }
      await sleep(5)
    }
    return null
  } finally {
    await client.end()
  }
}
