/**
 * @file The program: reads its settings, starts the service, and stops it on a signal. The first
 * SIGINT or SIGTERM stops all in order; the second ends the process at once.
 *
 * `--create-key` prints another API key instead, and ends; so do the commands of src/admin.
 */
import { pino } from 'pino'

import { commandUsage, isCommand } from './admin/commands.ts'
import { AdminError, UsageError } from './admin/errors.ts'
import { administer } from './administer.ts'
import { banner } from './banner.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { EmbeddedPostgresError } from './embedded/errors.ts'
import { armCrashPoint, parseCrashPoint } from './faults/crash-point.ts'
import { createKey, MissingKernelsError, startService } from './service.ts'
import type { Logger } from './start-all.ts'
import { MigrationError } from './store/migrate.ts'

const startedAtMs = performance.now()

const usage = `Usage:
  trainyard                 starts the service
  trainyard --create-key    prints another API key that may do everything
${commandUsage}`

try {
  const [command, ...args] = process.argv.slice(2)
  if (command === 'help' || command === '--help') {
    console.log(usage)
    process.exit(0)
  }
  if (command !== undefined && command !== '--create-key' && !isCommand(command)) {
    throw new UsageError(`There is no command ${JSON.stringify(command)}.\n${usage}`)
  }
  const config = readConfig(process.env)
  // Standard output is for people: the log goes to standard error.
  // ioredis hangs the refused command on its error, and that of AUTH holds the password.
  const redact = { paths: ['err.command'], remove: true }
  const log = pino({ level: config.logLevel, redact }, pino.destination(2))
  if (config.crashPoint !== null) {
    armCrashPoint(parseCrashPoint(config.crashPoint))
    log.warn({ crashPoint: config.crashPoint }, 'this process is to crash: a test')
  }
  if (command === '--create-key') {
    console.log(await createKey(config, log))
    process.exit(0)
  }
  if (command !== undefined) process.exit(await administer(command, args, config, log))
  await serve(config, log)
} catch (error) {
  console.error(explain(error))
  process.exit(error instanceof UsageError ? 2 : 1)
}

async function serve(config: Config, log: Logger): Promise<void> {
  const starting = startService(config, log)
  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130)
    stopping = true
    log.info({ signal }, 'stopping')
    try {
      const service = await starting.catch(() => null)
      await service?.stop()
      log.info('stopped')
    } finally {
      process.exit(0)
    }
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  const service = await starting
  console.log(
    banner({
      ...service,
      url: service.url ?? '',
      statusUrl: service.statusUrl,
      role: config.role,
      redisUrl: config.redisUrl,
      threads: config.threads,
      startedInMs: performance.now() - startedAtMs,
    }),
  )
}

/** What the user can mend is said without a stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = [
    AdminError,
    ConfigError,
    EmbeddedPostgresError,
    MigrationError,
    MissingKernelsError,
  ]
  if (known.some((type) => error instanceof type)) return error.message
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${error.port} is taken: another program listens there. Set PORT, of a worker WORKER_PORT, to a free one, or 0 for any.`
  }
  if ('code' in error && error.code === 'EACCES' && 'port' in error) {
    return `Port ${error.port} may not be opened by this user. Set PORT, of a worker WORKER_PORT, to one above 1023.`
  }
  const unreachable = ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN']
  if ('code' in error && unreachable.includes(String(error.code))) {
    return `Cannot connect: ${error.message}. Check HOST and DATABASE_URL, or leave DATABASE_URL out for the embedded Postgres.`
  }
  if ('code' in error && error.code === 'EADDRNOTAVAIL') {
    return `This machine has no such address: ${error.message}. Set HOST, of a worker WORKER_HOST, to 127.0.0.1 or 0.0.0.0.`
  }
  return error.stack ?? error.message
}
