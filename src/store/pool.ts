/**
 * @file Connections to Postgres: one pool, shared by Prisma and by the raw statements, with time
 * limits on everything, so that a hung database becomes an error and never a hung request.
 */
import pg from 'pg'

export interface PoolOptions {
  readonly connectionString: string
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  readonly maxConnections: number
  /** How long Postgres may work at one statement. */
  readonly statementTimeoutMs: number
  /** How long a transaction may rest between two statements, and hold its locks. */
  readonly idleInTransactionMs: number
  readonly onError: (error: Error) => void
}

/**
 * Statements here look up a handful of rows by key, and a prepared one keeps its plan. One that was
 * planned while the tables were small would read all their rows, until they are next analyzed: with
 * 3,000 jobs, 0.12 ms for the statuses of a few instead of 0.035.
 */
const looksUpByKey = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'

export function createPool({
  connectionString,
  applicationName,
  maxConnections,
  statementTimeoutMs,
  idleInTransactionMs,
  onError,
}: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: applicationName,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    options: looksUpByKey,
    statement_timeout: statementTimeoutMs,
    // Of a Postgres that is hung, and so does not keep its own limit.
    query_timeout: statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  })
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', onError)
  return pool
}

export interface PoolUsage {
  readonly busy: number
  readonly waiting: number
}

export function usageOf({ totalCount, idleCount, waitingCount }: pg.Pool): PoolUsage {
  return { busy: totalCount - idleCount, waiting: waitingCount }
}

/** A connection that does not close by then is cut when the process ends. */
const closeWithinMs = 5_000

/**
 * Resolves when the connections are closed, which `end` alone does not wait for: a Postgres that is
 * stopped next would have to cut them.
 */
export async function closePool(pool: pg.Pool): Promise<void> {
  let open = pool.totalCount
  const closed = new Promise<void>((resolve) => {
    if (open === 0) resolve()
    pool.on('remove', () => {
      open -= 1
      if (open === 0) resolve()
    })
  })
  await pool.end()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeWithinMs)
  })
  await Promise.race([closed, tooLate])
  clearTimeout(timer)
}
