/**
 * @file Where BullMQ keeps its messages: in Redis when there is a URL for it, otherwise in the same
 * Postgres as everything else. Chosen once, by the settings; there is no silent switch.
 */
import {
  type ConnectionOptions,
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  runMigrations,
  Worker,
  withBackend,
} from 'bullmq'
import pg from 'pg'

export interface BackendOptions {
  /** null: the queue lives in Postgres. */
  readonly redisUrl: string | null
  readonly databaseUrl: string
}

export type BackendName = 'redis' | 'postgres'

/** What is used of BullMQ's Queue. A message has no content: it means that there is one more job. */
export interface MessageQueue {
  addBulk(messages: { name: string; data: Record<string, never> }[]): Promise<unknown>
  getWaitingCount(): Promise<number>
  close(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** What is used of BullMQ's Worker. */
export interface MessageWorker {
  isRunning(): boolean
  close(force?: boolean): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}

const queueName = 'trainyard-jobs'

/** The row holds the truth, so nothing is kept here once a message was worked on. */
const defaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true }

export interface Backend {
  readonly name: BackendName
  createQueue(): MessageQueue
  createWorker(process: () => Promise<void>, concurrency: number): MessageWorker
}

export async function createBackend(options: BackendOptions): Promise<Backend> {
  return options.redisUrl === null
    ? createPostgresMessages(options.databaseUrl)
    : createRedisMessages(options.redisUrl)
}

/**
 * A stalled message is delivered again, whatever the count: the claim decides who works, and a
 * limit here would only turn a slow worker into a lost message.
 */
function workerOptions(concurrency: number) {
  return { concurrency, maxStalledCount: 1_000_000, lockDuration: 30_000 }
}

function createRedisMessages(url: string): Backend {
  // Reconnects at least every 2 s; ioredis' own delays grow until recovery takes 18 s.
  const retryStrategy = (attempt: number) => Math.min(attempt * 100, 2_000)
  // A producer must fail soon, so that its messages stay in the outbox.
  const producer: ConnectionOptions = {
    url,
    retryStrategy,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
  }
  const consumer: ConnectionOptions = { url, retryStrategy, maxRetriesPerRequest: null }
  return {
    name: 'redis',
    createQueue: () => new Queue(queueName, { connection: producer, defaultJobOptions }),
    createWorker: (process, concurrency) =>
      new Worker(queueName, process, { connection: consumer, ...workerOptions(concurrency) }),
  }
}

async function createPostgresMessages(databaseUrl: string): Promise<Backend> {
  await migrateMessages(databaseUrl)
  const postgres = withBackend(createPostgresBackend)
  const connection = (max: number): PostgresConnectionOptions => ({
    connectionString: databaseUrl,
    application_name: 'trainyard queue',
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  })
  return {
    name: 'postgres',
    createQueue: () =>
      new postgres.Queue(queueName, { connection: connection(2), defaultJobOptions }),
    createWorker: (process, concurrency) =>
      new postgres.Worker(queueName, process, {
        connection: connection(4),
        ...workerOptions(concurrency),
      }),
  }
}

/** BullMQ's own tables, in a schema of their own; two processes at once are safe. */
async function migrateMessages(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
}
