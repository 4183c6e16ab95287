/**
 * @file What a command of whoever runs the service is, and what it is given. It prints to people, and
 * ends with an exit code: 0, or 1 when something is not as it should be.
 */
import type { KernelReport } from '../contract/kernels.ts'
import type { RetentionPolicy } from '../store/retention/policy.ts'

export interface Database {
  readonly url: string
  /** null where DATABASE_URL names a Postgres of its own. */
  readonly dataFolder: string | null
}

export interface Surroundings {
  /** The embedded Postgres is started, where it does not run, until the command has ended. */
  openDatabase(): Promise<Database>
  /** prisma/migrations. */
  readonly migrationsFolder: string
  /** null: the queue lives in Postgres. */
  readonly redisUrl: string | null
  readonly retention: RetentionPolicy
  /** Connections to Postgres that one process of the service may open. */
  readonly connectionsPerProcess: number
  /** LIMIT_JOB_BYTES, as this machine's settings have it. */
  readonly maxJobBytes: number
  /** Throws where the kernels that were asked for cannot be had. */
  loadKernels(): KernelReport
  readonly trainyardVersion: string
  print(text: string): void
  readonly log: { info(fields: object, message: string): void }
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}

export interface Command {
  /** What follows its name. */
  readonly usage: string
  readonly summary: string
  /** Errors: AdminError; UsageError before anything is begun. */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>
}
