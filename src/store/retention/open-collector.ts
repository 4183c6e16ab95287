/** @file The collector for whoever runs the service, over a connection of its own. */
import { setTimeout as sleep } from 'node:timers/promises'

import { connectAdminClient } from '../admin-client.ts'
import { advisoryLocks } from '../advisory-locks.ts'
import { collectBatch } from './collect-batch.ts'
import type { Collected } from './collected.ts'
import type { RetentionPolicy } from './policy.ts'
import { survey } from './survey.ts'

export interface Collector {
  /** What would go now. Nothing is changed. */
  survey(): Promise<Collected[]>
  /** Empty: nothing is due any more, but what others hold just now. */
  collect(): Promise<Collected[]>
  close(): Promise<void>
}

/** A batch of a worker takes a tenth of a second. */
const askAgainMs = 50

export async function openCollector(
  connectionString: string,
  policy: RetentionPolicy,
): Promise<Collector> {
  const client = await connectAdminClient(connectionString)

  async function inTransaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await client.query(begin)
    try {
      const result = await work()
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** null while a worker collects. */
  async function tryCollect(): Promise<Collected[] | null> {
    const { rows } = await client.query<{ leads: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS leads',
      [advisoryLocks.collector],
    )
    return rows[0]?.leads ? collectBatch(client, policy) : null
  }

  return {
    survey: () =>
      inTransaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', () =>
        survey(client, policy),
      ),
    async collect() {
      for (;;) {
        const collected = await inTransaction('BEGIN', tryCollect)
        if (collected !== null) return collected
        await sleep(askAgainMs)
      }
    },
    close: () => client.end(),
  }
}
