/**
 * @file The service to be fuzzed: the built program with a data folder of its own, which trains with one
 * thread, and takes nothing large. What the fuzzer asks for by chance is tiny or refused.
 */
import { testDataFolder } from '../e2e/support/data-folder.ts'
import { type LogLine, type Program, startProgram } from '../e2e/support/program.ts'

export interface FuzzedService {
  readonly program: Program
  /** Lines of its log that tell of an error: there must be none. */
  errors(): string[]
  /** Why requests were answered with 503, a line of the log each. */
  refusals(): string[]
  /** Ends it; the exit code, which is 0 unless something was thrown that nobody caught. */
  stop(): Promise<number | null>
}

export async function startFuzzedService(): Promise<FuzzedService> {
  const folder = testDataFolder()
  const program = await startProgram({
    TRAINYARD_DATA: folder.path,
    THREADS: '1',
    LOG_LEVEL: 'debug', // which says why something was not available
    LIMIT_DATASET_BYTES: String(2 ** 20),
    LIMIT_DATASETS_BYTES_TOTAL: String(64 * 2 ** 20),
    LIMIT_JOB_PARAMETERS: '20000',
    LIMIT_JOB_BYTES: String(64 * 2 ** 20),
    LIMIT_JOB_POINTS: '200',
    LIMIT_JOB_FLOPS: '1e7',
    LIMIT_JOBS_UNFINISHED: '40',
    LIMIT_REQUESTS_PER_MINUTE: '10000000',
  })
  return {
    program,
    errors: () => linesOf(program, ({ level }) => level >= 50),
    refusals: () => linesOf(program, ({ msg }) => msg === 'request not served'),
    async stop() {
      const { code } = await program.end('SIGTERM')
      await folder.dispose()
      return code
    },
  }
}

function linesOf(program: Program, isWanted: (line: LogLine) => boolean): string[] {
  return program
    .log()
    .filter(isWanted)
    .map((line) => JSON.stringify(line))
}
