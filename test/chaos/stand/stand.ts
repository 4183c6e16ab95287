/**
 * @file Everything that a fault can strike, started together: Postgres, Redis or not, the processes of
 * the service, and clients. Undisturbed runs come first: they say which bits are right.
 *
 * Two shapes. `redis`: an api and workers, with the queue on Redis. `postgres`: programs that are all
 * of it, as `npm start` is, with the queue on the same Postgres.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import { freePort } from '../../../src/embedded/postmaster.ts'
import { type TestRedis, testRedis } from '../../support/redis.ts'
import { watchWrites } from '../invariants.ts'
import { type Clients, createClients } from '../workload/clients.ts'
import { type Datasets, datasetFiles, readDataset, specs, trivialSpec } from '../workload/specs.ts'
import { createJudge, type Judge } from './judge.ts'
import { type PostgresServer, startPostgresServer } from './postgres-server.ts'
import { openSlot, type Slot } from './slot.ts'

export type Shape = 'redis' | 'postgres'

export interface StandOptions {
  readonly shape: Shape
  /** How many of the specs are used. */
  readonly specs: number
  /** Of the data of Postgres; a new one unless given. */
  readonly folder?: string
}

export interface Stand {
  readonly shape: Shape
  readonly postgres: PostgresServer
  readonly redis: TestRedis | null
  readonly slots: readonly Slot[]
  readonly apis: readonly Slot[]
  readonly workers: readonly Slot[]
  readonly clients: Clients
  readonly judge: Judge
  readonly datasets: Datasets
  readonly leaseSeconds: number
  /** Those with which undisturbed runs were made. */
  readonly specs: readonly object[]
  readonly trivial: object
  /** Asks Postgres; tries again while it is away. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Another process, for one fault. */
  open(role: 'worker' | 'all', threads: number): Promise<Slot>
  /** Ends what a fault has opened. */
  trim(): Promise<void>
  /** All servers and processes run, and every accepted job has ended. False: not in time. */
  settle(withinMs?: number): Promise<boolean>
  dispose(): Promise<void>
}

const key = 'the-key-of-the-chaos-that-is-long-enough'
const leaseSeconds = 10
const settleWithinMs = 120_000

export async function startStand(options: StandOptions): Promise<Stand> {
  const { shape } = options
  const postgres = await startPostgresServer(options.folder)
  const redis = shape === 'redis' ? await testRedis() : null
  const database = new pg.Pool({ connectionString: postgres.urlFor('chaos'), max: 4 })
  database.on('error', () => {})
  const slots: Slot[] = []

  const open = createOpener(slots, postgres, redis)
  const sql = createPatientSql(database)

  const roles =
    shape === 'redis' ? (['api', 'worker', 'worker'] as const) : (['all', 'all'] as const)
  for (const role of roles) await open(role, 2)
  await watchWrites(database)

  const apis = slots.filter(({ url }) => url !== null)
  const clients = createClients(() => apis.map(({ url }) => url ?? ''), key)
  const datasets = await uploadAll(clients)
  const judge = await createJudge({ database, clients })
  const used = specs.slice(0, options.specs).map((specOf) => specOf(datasets))
  const trivial = trivialSpec(datasets)
  const stand: Stand = {
    shape,
    postgres,
    redis,
    slots,
    apis,
    workers: slots.filter(({ trains }) => trains),
    clients,
    judge,
    datasets,
    leaseSeconds,
    specs: used,
    trivial,
    sql,
    open,
    async trim() {
      const extra = slots.splice(roles.length)
      await Promise.all(extra.map(({ process }) => process.end('SIGTERM')))
    },
    async settle(withinMs = settleWithinMs) {
      await Promise.all(slots.map((slot) => slot.up()))
      return settled(stand, withinMs)
    },
    async dispose() {
      await Promise.all(slots.map(({ process }) => process.end('SIGKILL')))
      await database.end()
      await redis?.dispose()
      await postgres.dispose()
    },
  }
  await runUndisturbed(stand)
  return stand
}

/** Starts a process of the service, and puts it with the others. */
function createOpener(slots: Slot[], postgres: PostgresServer, redis: TestRedis | null) {
  return async (role: 'api' | 'worker' | 'all', threads: number): Promise<Slot> => {
    const port = role === 'worker' ? 0 : ((await freePort()) ?? 0)
    const settingsOf = (name: string) => ({
      DATABASE_URL: postgres.urlFor(name),
      THREADS: String(threads),
      API_THREADS: '1',
      DATABASE_CONNECTIONS: '6',
      MAX_UPLOADS: '2',
      LEASE_SECONDS: String(leaseSeconds),
      CHECKPOINT_SECONDS: '0.3',
      SHUTDOWN_SECONDS: '10',
      LIMIT_REQUESTS_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
      TRAINYARD_ADMIN_KEY: key,
      ...(redis && { REDIS_URL: redis.url }),
    })
    const slot = await openSlot({ title: `${role}-${slots.length + 1}`, role, port, settingsOf })
    slots.push(slot)
    return slot
  }
}

/** Codes of a Postgres that is away, stops, or has no room: all that a fault may make of it. */
const awayCodes = /^(57|53|08)/
const awayForMs = 60_000

function createPatientSql(database: pg.Pool): Stand['sql'] {
  return async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) => {
    for (const deadlineMs = performance.now() + awayForMs; ; await sleep(100)) {
      try {
        return (await database.query<Row>(text, [...values])).rows
      } catch (error) {
        if (error instanceof pg.DatabaseError && !awayCodes.test(error.code ?? '')) throw error
        if (performance.now() > deadlineMs) throw error
      }
    }
  }
}

async function uploadAll(clients: Clients): Promise<Datasets> {
  const names = Object.keys(datasetFiles) as (keyof Datasets)[]
  const entries = names.map(async (name) => {
    const contentType = datasetFiles[name].type
    const { id } = (await clients.ask({
      path: '/v1/datasets',
      body: readDataset(name),
      contentType,
    })) as { id: string }
    return [name, id]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Once each, before any fault: they say which bits are right. */
async function runUndisturbed(stand: Stand): Promise<void> {
  const { clients, judge } = stand
  for (const spec of [...stand.specs, stand.trivial]) judge.trust(await clients.submit(spec))
  const isDone = await stand.settle()
  const verdict = await judge.judge()
  if (!isDone || verdict.length > 0) {
    throw new Error(`The undisturbed runs are not in order: ${JSON.stringify(verdict)}`)
  }
}

async function settled({ sql, clients }: Stand, withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs
  const ids = clients.accepted.map(({ id }) => id)
  while (performance.now() < deadlineMs) {
    const [{ n }] = await sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs
      WHERE id = ANY($1::text[]) AND status IN ('queued', 'running', 'paused')`,
      [ids],
    )
    if (n === 0) {
      await clients.streamsEnded()
      return true
    }
    await sleep(100)
  }
  return false
}
