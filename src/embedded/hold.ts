/**
 * @file A hold on a running Postgres: one connection with a shared advisory lock. Several programs may
 * use one embedded Postgres, and the last to let go stops it. A killed program loses its connection
 * and so its hold: no file to go stale.
 */
import pg from 'pg'

import { roleName } from './cluster.ts'

/** Any number, the same for ever. In the database `postgres`, so it meets no lock of the service. */
const lockKey = 7_419_266_031

export interface Hold {
  /** True: nobody else holds it, and nobody can until the connection of this hold ends. */
  release(): Promise<boolean>
  end(): Promise<void>
}

/** Undefined where another program is about to stop that Postgres. */
export async function takeHold(
  port: number,
  password: string,
  onLost: () => void,
): Promise<Hold | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: roleName,
    password,
    database: 'postgres',
    application_name: 'trainyard hold',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  let isEnding = false
  client.on('error', () => {}) // 'end' follows
  client.on('end', () => {
    if (!isEnding) onLost()
  })
  const end = async () => {
    isEnding = true
    await client.end().catch(() => {})
  }
  const ask = async (call: string): Promise<boolean> => {
    const { rows } = await client.query(`SELECT ${call} AS answer`, [lockKey])
    return rows[0].answer === true
  }

  try {
    await client.connect()
    if (!(await ask('pg_try_advisory_lock_shared($1)'))) {
      await end()
      return undefined
    }
    await createDatabase(client)
  } catch (error) {
    await end()
    throw error
  }
  return {
    end,
    async release() {
      isEnding = true
      await ask('pg_advisory_unlock_shared($1)')
      return ask('pg_try_advisory_lock($1)')
    },
  }
}

async function createDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
    roleName,
  ])
  if (rowCount) return
  await client.query(`CREATE DATABASE ${roleName}`).catch((error) => {
    const another = ['42P04', '23505'] // another program has just made it
    if (!another.includes(error.code)) throw error
  })
}
