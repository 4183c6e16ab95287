/**
 * @file Gives a command of src/admin what it needs of this machine, and stops again what was started for
 * it: Ctrl-C and SIGTERM too, in order, so that no Postgres is left running.
 */
import { type CommandName, runCommand } from './admin/commands.ts'
import type { Config } from './config.ts'
import { type Logger, startAll } from './start-all.ts'
import { migrationsFolder, startDatabase } from './start-database.ts'
import { otherConnections } from './store/connections.ts'
import { loadKernels } from './threads/kernel-backend.ts'
import { readVersion } from './version.ts'

/** As shells count a program that SIGINT has ended. */
const interruptedCode = 130

/** Returns the exit code. */
export async function administer(
  name: CommandName,
  args: readonly string[],
  config: Config,
  log: Logger,
): Promise<number> {
  const interrupt = new AbortController()
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(interruptedCode)
    interrupt.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // What goes well is not worth a line of log beside what the command prints.
  const quiet = log.child({}, { level: config.logLevel === 'info' ? 'warn' : config.logLevel })

  try {
    const { code, stop } = await startAll(quiet, async (stops) => ({
      code: await runCommand(name, args, {
        async openDatabase() {
          const { databaseUrl, dataFolder } = await startDatabase(config, quiet, stops)
          return { url: databaseUrl, dataFolder }
        },
        migrationsFolder,
        redisUrl: config.redisUrl,
        retention: config.retention,
        connectionsPerProcess: config.databaseConnections + config.maxUploads + otherConnections,
        maxJobBytes: config.limits.job_bytes,
        loadKernels() {
          const { backend, nativeMissing } = loadKernels(config.kernels)
          return { table: backend.name, native_missing: nativeMissing }
        },
        trainyardVersion: readVersion(),
        print: (text) => console.log(text),
        log: quiet,
        signal: interrupt.signal,
      }),
    }))
    await stop()
    return code
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    console.error('Interrupted: nothing is left half-done.')
    return interruptedCode
  }
}
