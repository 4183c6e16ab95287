/**
 * @file Settings: the only reader of the environment. A schema gives each its default, its unit and
 * its reason; a bad one stops the start with a list of all that is wrong.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'

import { z } from 'zod'

const MiB = 1024 * 1024

const bytes = (fallback: number) => z.coerce.number().int().min(MiB).default(fallback)
const count = (fallback: number, min = 1) =>
  z.coerce.number().int().min(min).max(2_147_483_647).default(fallback)
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )

const Environment = z.object({
  /** The address to listen on. 0.0.0.0 opens the service to the network. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0: any free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Whose X-Forwarded-For to believe: true, false, or addresses with commas between. */
  TRUST_PROXY: z.string().default('false'),
  /** Where a process of the role worker answers /livez, /readyz and /metrics; nowhere without a port. */
  WORKER_HOST: z.string().min(1).default('127.0.0.1'),
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** What this process does; more workers on the same databases train more at once. */
  ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  /** Where the embedded Postgres keeps its data. */
  TRAINYARD_DATA: z.string().min(1).default('.trainyard'),
  /** Replaces the embedded Postgres. */
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  /** Moves the queue from Postgres to Redis. */
  REDIS_URL: url('redis:', 'rediss:').optional(),
  /** Training threads of this process; a job takes one, or as many as its spec asks for. */
  THREADS: count(availableParallelism()).refine((n) => n <= 1024, 'expected at most 1024'),
  /** Threads that parse uploads and predict, in a process with the API. */
  API_THREADS: count(2).refine((n) => n <= 256, 'expected at most 256'),
  /** What the planned memory of all running jobs of this process may add up to. */
  MEMORY_BYTES: bytes(Math.floor(totalmem() / 2)),
  /** What computes: auto takes the fastest there is; wasm and native have the same bits. */
  TRAINYARD_KERNELS: z.enum(['auto', 'reference', 'wasm', 'native']).default('auto'),
  /** How long a silent worker keeps its jobs, in seconds. */
  LEASE_SECONDS: z.coerce.number().min(10).max(3_600).default(30),
  /** The shortest pause between two checkpoints of a job, in seconds; larger jobs have longer ones. */
  CHECKPOINT_SECONDS: z.coerce.number().min(0.1).max(86_400).default(30),
  /** How long a stopping worker may take to give its jobs back, in seconds. */
  SHUTDOWN_SECONDS: z.coerce.number().min(1).max(3_600).default(25),
  /** Connections to Postgres for requests; store/connections.ts says which others a process opens. */
  DATABASE_CONNECTIONS: count(12, 4),
  /** Uploads at once; each holds a connection. */
  MAX_UPLOADS: count(4),
  // Traces, with the names and defaults of OpenTelemetry; none without an endpoint.
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('http:', 'https:').optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().default('otlp'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: count(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: count(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count(512),
  /** Days that a finished job's checkpoints are kept; for ever unless given. */
  RETENTION_CHECKPOINT_DAYS: z.coerce.number().min(0).max(36_500).optional(),
  /** Days that a finished job's losses and events are kept; for ever unless given. */
  RETENTION_HISTORY_DAYS: z.coerce.number().min(1).max(36_500).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** A key of your own that may do everything, at least 32 characters; or a file that holds it. */
  TRAINYARD_ADMIN_KEY: z.string().min(32).max(500).regex(/^\S+$/, 'expected no spaces').optional(),
  TRAINYARD_ADMIN_KEY_FILE: z.string().min(1).optional(),
  /** Kills the process where a test says, as `answer.committed`; refused unless NODE_ENV is test. */
  TRAINYARD_CRASH_POINT: z.string().max(200).optional(),
  NODE_ENV: z.string().optional(),
  // What one project may use.
  LIMIT_DATASET_BYTES: bytes(2048 * MiB),
  LIMIT_DATASETS_BYTES_TOTAL: bytes(20 * 1024 * MiB),
  /** Weights and checkpoints, and the weights that unfinished jobs will leave. */
  LIMIT_RESULTS_BYTES_TOTAL: bytes(20 * 1024 * MiB),
  LIMIT_DATASET_COLUMNS: count(10_000),
  LIMIT_JOB_PARAMETERS: count(100_000_000),
  /** MEMORY_BYTES unless given: no worker would ever have room for a larger job. */
  LIMIT_JOB_BYTES: z.coerce.number().int().min(MiB).optional(),
  LIMIT_JOB_POINTS: count(100_000),
  LIMIT_JOB_FLOPS: z.coerce.number().positive().default(1e17),
  /** A week, of all runs of a job together. */
  LIMIT_JOB_SECONDS: count(7 * 24 * 3_600),
  LIMIT_JOBS_UNFINISHED: count(10_000),
  /** A row takes some 4 KiB, and 256 KiB and more with the largest spec. */
  LIMIT_JOBS_KEPT: count(1_000_000),
  /** At once, as are threads: more than most services have, so that one project alone may use it all. */
  LIMIT_JOBS_RUNNING: count(1_000),
  LIMIT_THREADS: count(1_000),
  /** In each API process: divide it by their number. */
  LIMIT_REQUESTS_PER_MINUTE: count(60_000),
  /** At once, in each process; an open one takes some 14 KiB, and up to 165 KiB while it is not read. */
  LIMIT_EVENT_STREAMS: count(1_000),
  /** In a day; each keeps some 1.2 KiB of the database. */
  LIMIT_IDEMPOTENCY_KEYS: count(1_000_000),
})

/** Of the curl lines and examples: whoever exported them in this shell may start a service in it. */
const ofClients = ['TRAINYARD_KEY', 'TRAINYARD_URL']

export type Config = ReturnType<typeof readConfig>

/** What is wrong with the settings, one line each. */
export class ConfigError extends Error {
  constructor(complaints: readonly string[]) {
    super(`Settings that cannot be used:\n${complaints.map((text) => `  ${text}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Errors: ConfigError, which lists every bad setting. */
export function readConfig(environment: NodeJS.ProcessEnv) {
  // An empty variable, as compose files make them, is one that is not set.
  const present = withoutUnusedTracing(
    Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== '')),
  )
  const parsed = Environment.safeParse(present)
  const unknown = Object.keys(present).filter(
    (name) =>
      name.startsWith('TRAINYARD_') && !(name in Environment.shape) && !ofClients.includes(name),
  )
  if (unknown.length > 0) throw new ConfigError(unknown.map(describeUnknown))
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0])
        return `${name}: ${message}${shown(name, present[name])}`
      }),
    )
  }
  const settings = parsed.data
  if (settings.TRAINYARD_CRASH_POINT !== undefined && settings.NODE_ENV !== 'test') {
    throw new ConfigError([
      'TRAINYARD_CRASH_POINT: it is for tests alone, where NODE_ENV is test; leave it out',
    ])
  }
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    workerHost: settings.WORKER_HOST,
    workerPort: settings.WORKER_PORT ?? null,
    trustProxy: trustProxyOf(settings.TRUST_PROXY),
    role: settings.ROLE,
    dataFolder: settings.TRAINYARD_DATA,
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    threads: settings.THREADS,
    apiThreads: settings.API_THREADS,
    memoryBytes: settings.MEMORY_BYTES,
    kernels: settings.TRAINYARD_KERNELS,
    leaseSeconds: settings.LEASE_SECONDS,
    checkpointEveryMs: settings.CHECKPOINT_SECONDS * 1000,
    shutdownMs: settings.SHUTDOWN_SECONDS * 1000,
    databaseConnections: settings.DATABASE_CONNECTIONS,
    maxUploads: settings.MAX_UPLOADS,
    retention: Object.freeze({
      checkpointDays: settings.RETENTION_CHECKPOINT_DAYS ?? null,
      historyDays: settings.RETENTION_HISTORY_DAYS ?? null,
    }),
    logLevel: settings.LOG_LEVEL,
    tracing: tracingOf(settings),
    adminKey: adminKeyOf(settings.TRAINYARD_ADMIN_KEY, settings.TRAINYARD_ADMIN_KEY_FILE),
    crashPoint: settings.TRAINYARD_CRASH_POINT ?? null,
    limits: Object.freeze({
      dataset_bytes: settings.LIMIT_DATASET_BYTES,
      datasets_bytes_total: settings.LIMIT_DATASETS_BYTES_TOTAL,
      results_bytes_total: settings.LIMIT_RESULTS_BYTES_TOTAL,
      dataset_columns: settings.LIMIT_DATASET_COLUMNS,
      job_parameters: settings.LIMIT_JOB_PARAMETERS,
      job_bytes: jobBytesOf(settings),
      job_points: settings.LIMIT_JOB_POINTS,
      job_flops: settings.LIMIT_JOB_FLOPS,
      job_seconds: settings.LIMIT_JOB_SECONDS,
      jobs_unfinished: settings.LIMIT_JOBS_UNFINISHED,
      jobs_kept: settings.LIMIT_JOBS_KEPT,
      jobs_running: settings.LIMIT_JOBS_RUNNING,
      threads: settings.LIMIT_THREADS,
      requests_per_minute: settings.LIMIT_REQUESTS_PER_MINUTE,
      event_streams: settings.LIMIT_EVENT_STREAMS,
      idempotency_keys: settings.LIMIT_IDEMPOTENCY_KEYS,
    }),
  })
}

/** A machine's settings for OpenTelemetry are everybody's: while nothing is traced, none can be wrong. */
function withoutUnusedTracing(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(environment)
  const isOn =
    names.some((name) => /^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name)) &&
    environment.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
    environment.OTEL_TRACES_EXPORTER !== 'none'
  if (isOn) return environment
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^OTEL_/.test(name)))
}

/** null: nothing is traced, and what would trace is not loaded. */
function tracingOf(settings: z.infer<typeof Environment>) {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT } = settings
  if (!(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? OTEL_EXPORTER_OTLP_ENDPOINT)) return null
  const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL } = settings
  const protocol = OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? OTEL_EXPORTER_OTLP_PROTOCOL
  if (protocol !== 'http/protobuf' || settings.OTEL_TRACES_EXPORTER !== 'otlp') {
    throw new ConfigError([
      `OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf, got ${JSON.stringify(protocol)}; OTEL_TRACES_EXPORTER=none turns traces off`,
    ])
  }
  return Object.freeze({
    sampler: settings.OTEL_TRACES_SAMPLER,
    samplerRatio: settings.OTEL_TRACES_SAMPLER_ARG,
    batch: {
      scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(
        settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
        settings.OTEL_BSP_MAX_QUEUE_SIZE,
      ),
    },
  })
}

function jobBytesOf({ ROLE, MEMORY_BYTES, LIMIT_JOB_BYTES }: z.infer<typeof Environment>): number {
  if (ROLE === 'all' && LIMIT_JOB_BYTES !== undefined && LIMIT_JOB_BYTES > MEMORY_BYTES) {
    throw new ConfigError([
      `LIMIT_JOB_BYTES: expected at most MEMORY_BYTES (${MEMORY_BYTES}), got ${LIMIT_JOB_BYTES}; a larger job would wait for ever`,
    ])
  }
  return LIMIT_JOB_BYTES ?? MEMORY_BYTES
}

/** Nobody else's settings begin so: it is a misspelt one. */
function describeUnknown(name: string): string {
  const known = Object.keys(Environment.shape).filter(
    (each) => each.startsWith('TRAINYARD_') && each !== 'TRAINYARD_CRASH_POINT',
  )
  return `${name}: there is no such setting; those of this name are ${known.join(', ')}`
}

/** Secrets are not shown back: the start-up's output is often kept. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined || /KEY|URL/.test(name)) return ''
  return `, got ${JSON.stringify(value)}`
}

function trustProxyOf(text: string): boolean | string {
  if (text === 'true') return true
  return text === 'false' ? false : text
}

function adminKeyOf(key: string | undefined, file: string | undefined): string | null {
  if (key !== undefined && file !== undefined) {
    throw new ConfigError(['TRAINYARD_ADMIN_KEY and TRAINYARD_ADMIN_KEY_FILE: set one of them'])
  }
  if (file === undefined) return key ?? null
  let content: string
  try {
    content = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ConfigError([`TRAINYARD_ADMIN_KEY_FILE: ${why}`])
  }
  if (content.length < 32 || /\s/.test(content)) {
    throw new ConfigError([
      `TRAINYARD_ADMIN_KEY_FILE: expected one key of at least 32 characters in ${file}`,
    ])
  }
  return content
}
