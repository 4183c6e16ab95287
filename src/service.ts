/**
 * @file The composition root: starts every part in the order in which they need each other, and
 * stops them in the opposite order, Postgres last.
 */
import { hostname } from 'node:os'

import { createApp } from './api/app.ts'
import type { Config } from './config.ts'
import type { KernelReport } from './contract/kernels.ts'
import { noTracer, type Tracer } from './contract/tracing.ts'
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts'
import { withDeadline } from './queue/deadline.ts'
import { createLiveChannel, type LiveChannel } from './queue/live-channel.ts'
import { createQueue, type Queue } from './queue/queue.ts'
import { createRelay, type Relay } from './queue/relay.ts'
import { type Logger, type StopStack, startAll } from './start-all.ts'
import { migrationsFolder, startDatabase } from './start-database.ts'
import { migrate } from './store/migrate.ts'
import { createStore, type Store } from './store/store.ts'
import type { Calibration } from './threads/calibration.ts'
import { loadNativeKernels } from './threads/native-kernels.ts'
import { createThreadPool, type ThreadPool, type ThreadPoolOptions } from './threads/pool.ts'
import { createThrottledLog } from './throttled-log.ts'
import { readVersion } from './version.ts'
import { type StatusServer, startStatusServer } from './workers/status-server.ts'
import { startWorker, type Worker } from './workers/worker.ts'

/** A setting that this machine cannot follow. */
export class MissingKernelsError extends Error {
  constructor(why: string) {
    super(
      `TRAINYARD_KERNELS=native, but there are no native kernels: ${why}. Set it to auto, which has the same bits, or install a C++ compiler and run npm run build.`,
    )
    this.name = 'MissingKernelsError'
  }
}

export interface Service {
  /** null for a worker. */
  readonly url: string | null
  /** Where a worker answers probes and /metrics; null unless its settings say where. */
  readonly statusUrl: string | null
  /** null when there was a key already. */
  readonly firstKey: string | null
  /** null where DATABASE_URL names a Postgres of its own. */
  readonly dataFolder: string | null
  readonly queueBackend: 'redis' | 'postgres'
  readonly kernels: KernelReport | null
  /** False while Redis is away: jobs are accepted and wait, and it is tried again and again. */
  readonly queueAnswers: boolean
  stop(): Promise<void>
}

export function startService(config: Config, log: Logger): Promise<Service> {
  return startAll(log, async (stops) => {
    const tracer = await openTracing(config, log, stops)
    const { store, databaseUrl, dataFolder } = await openDatabase(config, log, stops)
    const parts = { ...(await openQueue(config, databaseUrl, store, log, stops)), tracer }
    const asked = doesAnswer(parts.queue)
    // A key that was given is there before anybody can use it.
    if (config.adminKey && config.role !== 'worker') await store.ensureFirstKey(config.adminKey)
    const api = config.role === 'worker' ? null : await startApiPart(config, log, parts, stops)
    // After the API, and so stopped before it: jobs are given back at once, however long clients
    // take with their last requests.
    const worker =
      config.role === 'api'
        ? null
        : await startWorkerPart(config, log, parts, stops, api?.calibration ?? null)
    // First of all when it stops: no new work is to be sent here while jobs are given back.
    if (api) stops.push(async () => api.drain())
    // Last: a start that fails must not have made a key that nobody was shown.
    const firstKey = api && (await store.ensureFirstKey(config.adminKey))
    // Prisma loads its query compiler at the first query: no client is to wait for that.
    if (api) await store.projects.list({ limit: 1, order: 'asc' })
    return {
      url: api?.url ?? null,
      statusUrl: worker?.statusUrl ?? null,
      firstKey,
      dataFolder,
      queueBackend: parts.queue.backend,
      queueAnswers: await asked,
      kernels: worker?.kernels ?? api?.calibration.kernels ?? null,
    }
  })
}

/** A Redis that is up answers in milliseconds, also to the first who connects. */
const queueAnswersWithinMs = 2_000

async function doesAnswer(queue: Queue): Promise<boolean> {
  const ping = withDeadline(queue.ping(), queueAnswersWithinMs, 'The first ping of the queue')
  return ping.then(
    () => true,
    () => false,
  )
}

/** Another key that may do everything, for whoever lost the first. Starts no more than it needs. */
export async function createKey(config: Config, log: Logger): Promise<string> {
  const { stop, key } = await startAll(log, async (stops) => {
    const { store } = await openDatabase(config, log, stops)
    return { key: await store.createFullKey() }
  })
  await stop()
  return key
}

async function openDatabase(config: Config, log: Logger, stops: StopStack) {
  const { databaseUrl, dataFolder } = await startDatabase(config, log, stops)
  await migrate({ connectionString: databaseUrl, folder: migrationsFolder, log })
  const store = createStore({
    connectionString: databaseUrl,
    applicationName: `trainyard ${config.role}`,
    maxConnections: config.databaseConnections,
    maxUploads: config.maxUploads,
    retention: config.retention,
    onError: createThrottledLog(log, 'lost a connection to Postgres'),
  })
  stops.push(() => store.close())
  return { store, databaseUrl, dataFolder }
}

/** Longer than a receiver that is up takes, and no reason to hold up a stop. */
const tracesSentWithinMs = 3_000

async function openTracing(
  { tracing, role }: Config,
  log: Logger,
  stops: StopStack,
): Promise<Tracer> {
  if (tracing === null) return noTracer
  const { startTracing } = await import('./telemetry/tracing.ts')
  const { stop, ...tracer } = startTracing({
    ...tracing,
    serviceName: `trainyard-${role}`,
    version: readVersion(),
    instance: `${hostname()}:${process.pid}`,
    onError: createThrottledLog(log, 'traces are in trouble'),
  })
  stops.push(() => withDeadline(stop(), tracesSentWithinMs, 'Sending the last traces'))
  return tracer
}

/** What api and workers share. */
interface Parts {
  readonly store: Store
  readonly queue: Queue
  readonly live: LiveChannel
  readonly relay: Relay
  readonly metrics: ProcessMetrics
  readonly tracer: Tracer
}

async function openQueue(
  { redisUrl }: Config,
  databaseUrl: string,
  store: Store,
  log: Logger,
  stops: StopStack,
): Promise<Omit<Parts, 'tracer'>> {
  const onError = createThrottledLog(log, 'the queue is in trouble')
  const queue = await createQueue({ redisUrl, databaseUrl, onError })
  stops.push(() => queue.close())
  const live = await createLiveChannel({
    redisUrl,
    databaseUrl,
    onError: createThrottledLog(log, 'the live channel is in trouble'),
  })
  stops.push(() => live.close())
  const relay = createRelay({ drain: store.drainOutbox, send: queue.send, onError })
  stops.push(() => relay.stop())
  return { store, queue, live, relay, metrics: createProcessMetrics(store) }
}

/** Jobs were given back by then; a prediction takes milliseconds, an upload may hang. */
const poolStopsWithinMs = 5_000

function startPool(
  options: Pick<ThreadPoolOptions, 'threads' | 'memoryBytes' | 'kernels'>,
  log: Logger,
  stops: StopStack,
): ThreadPool {
  const native = options.kernels === 'native' ? loadNativeKernels() : null
  if (typeof native === 'string') throw new MissingKernelsError(native)
  const pool = createThreadPool({ ...options, log })
  stops.push(() =>
    withDeadline(pool.stop(), poolStopsWithinMs, 'The last tasks of threads').catch(() =>
      pool.stop({ force: true }),
    ),
  )
  return pool
}

async function startWorkerPart(
  config: Config,
  log: Logger,
  parts: Parts,
  stops: StopStack,
  /** Of this program's other pool: the same machine, so it is not measured twice. */
  measured: Calibration | null,
): Promise<{ kernels: KernelReport; statusUrl: string | null }> {
  const { threads, memoryBytes, kernels } = config
  const pool = startPool({ threads, memoryBytes, kernels }, log, stops)
  const calibration = measured ?? (await pool.calibrate())
  parts.metrics.watchThreads('training', pool)
  const worker = startWorker({
    ...parts,
    pool,
    registry: parts.metrics.registry,
    leaseSeconds: config.leaseSeconds,
    checkpointEveryMs: config.checkpointEveryMs,
    limits: config.limits,
    numericsVersion: calibration.numericsVersion,
    log,
    onError: createThrottledLog(log, 'the worker is in trouble'),
  })
  const status = await startStatus(config, { ...parts, pool, worker, kernels: calibration.kernels })
  // Stopped after the worker: while jobs are given back, /readyz says so.
  if (status) stops.push(status.close)
  stops.push(() => worker.stop(config.shutdownMs))
  return { kernels: calibration.kernels, statusUrl: status?.url ?? null }
}

/** Of a worker alone; where there is an API, that answers. */
async function startStatus(
  { role, workerHost: host, workerPort: port }: Config,
  parts: Parts & { readonly pool: ThreadPool; worker: Worker; readonly kernels: KernelReport },
): Promise<StatusServer | null> {
  if (role !== 'worker' || port === null) return null
  const { metrics, worker } = parts
  const { registry } = metrics
  const { isDraining } = worker
  return startStatusServer({ ...parts, host, port, registry, isDraining, version: readVersion() })
}

/** What clients still ask when the service stops; uploads and waiting may last an hour. */
const requestsEndWithinMs = 5_000

/** Of the memory for plans, what predictions and uploads may take: they are small beside jobs. */
const apiMemoryShare = 0.25

async function startApiPart(
  config: Config,
  log: Logger,
  parts: Parts,
  stops: StopStack,
): Promise<{ url: string; calibration: Calibration; drain: () => void }> {
  const memoryBytes = config.memoryBytes * apiMemoryShare
  const { apiThreads: threads, kernels } = config
  const pool = startPool({ threads, memoryBytes, kernels }, log, stops)
  parts.metrics.watchThreads('api', pool)
  const calibration = await pool.calibrate()
  const app = await createApp({
    ...parts,
    pool,
    registry: parts.metrics.registry,
    limits: config.limits,
    calibration: { ...calibration, trainingThreads: config.threads },
    logger: log,
    trustProxy: config.trustProxy,
    version: readVersion(),
    uploads: { maxConcurrent: config.maxUploads },
  })
  stops.push(async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), requestsEndWithinMs)
    await app.close()
    clearTimeout(cut)
  })
  const url = await app.listen({ host: config.host, port: config.port })
  return { url, calibration, drain: app.drain }
}
