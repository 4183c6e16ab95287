/** @file What `npm start` says once everything runs: where it is, the first key, and what to try. */
import type { Config } from './config.ts'
import type { KernelReport } from './contract/kernels.ts'

export interface Started {
  readonly url: string
  /** Of a worker that answers probes. */
  readonly statusUrl: string | null
  readonly role: Config['role']
  readonly queueBackend: 'redis' | 'postgres'
  /** False while Redis is away: nothing is lost by it, and nothing starts to train. */
  readonly queueAnswers: boolean
  readonly redisUrl: string | null
  /** null where DATABASE_URL names a Postgres of its own. */
  readonly dataFolder: string | null
  readonly threads: number
  readonly kernels: KernelReport | null
  readonly startedInMs: number
  /** Only at the very first start. */
  readonly firstKey: string | null
}

export function banner(started: Started): string {
  const { role, url, dataFolder, threads, queueBackend, kernels } = started
  const lines = [
    ...headline(started),
    '',
    ...(role === 'worker' ? [] : [`  API       ${url}`, `  Docs      ${url}/docs`]),
    ...(started.statusUrl ? [`  Status    ${started.statusUrl}/readyz and /metrics`] : []),
    `  Data      ${dataFolder ?? 'in the Postgres of DATABASE_URL'}`,
    `  Queue     on ${queueBackend === 'redis' ? 'Redis' : 'the same Postgres'}`,
    ...(role === 'api'
      ? []
      : [`  Training  on ${threads} ${threads === 1 ? 'thread' : 'threads'}`]),
    ...(kernels ? [`  Kernels   ${describeKernels(kernels)}`] : []),
    '',
    ...(role === 'worker' ? [] : forClients(started)),
  ]
  return lines.join('\n')
}

function describeKernels({ table, native_missing }: KernelReport): string {
  return native_missing
    ? `${table}; native ones, twice as fast, are not used: ${native_missing}`
    : table
}

function headline({ startedInMs, queueAnswers, redisUrl }: Started): string[] {
  const seconds = `${(startedInMs / 1000).toFixed(1)} s`
  if (queueAnswers) return [`Trainyard is ready (${seconds}).`]
  const where = redisUrl === null ? 'The queue' : `Redis at ${withoutSecrets(redisUrl)} (REDIS_URL)`
  return [
    `Trainyard is up (${seconds}), but not ready to train.`,
    '',
    `  WARNING: ${where} does not answer; the log says why.`,
    '  Jobs are accepted and wait. It is tried again at least every 2 s: no restart is needed.',
  ]
}

/** A password may stand before the host or in the query. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

function forClients({ url, firstKey }: Started): string[] {
  const keyLines = firstKey
    ? ['First API key, shown this once:', '', `  ${firstKey}`]
    : ['API keys are as before; `npm run keys:create` makes another.']
  return [
    ...keyLines,
    '',
    firstKey ? 'Train a network, now:' : 'Train a network, with your key in $TRAINYARD_KEY:',
    '',
    curlExample(url, firstKey ?? '$TRAINYARD_KEY'),
    '',
  ]
}

/** XOR, by a few hidden units; the answer comes when the training has ended. */
const xor = {
  name: 'xor',
  dataset: {
    rows: [
      { a: 0, b: 0, y: 0 },
      { a: 0, b: 1, y: 1 },
      { a: 1, b: 0, y: 1 },
      { a: 1, b: 1, y: 0 },
    ],
  },
  target: { column: 'y', task: 'classification' },
  model: { type: 'mlp', hidden: [8], activation: 'tanh' },
  training: {
    epochs: 500,
    batch_size: 'full',
    optimizer: { type: 'adam', learning_rate: 0.05 },
  },
}

function curlExample(url: string, key: string): string {
  return [
    `curl ${url}/v1/jobs \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H 'Content-Type: application/json' -H 'Prefer: wait=30' \\`,
    `  -d '${JSON.stringify(xor)}'`,
  ].join('\n')
}
