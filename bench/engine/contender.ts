/** @file A contender as run.ts sees it: a process, asked for one timed round at a time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import type { Answer, Hello } from './serve.ts'

export interface Contender extends Hello {
  readonly threads: number
  /** The letters of what it can do. */
  readonly workloads: readonly string[]
  /** Milliseconds a step. Rejects with what went wrong. */
  round(letter: string): Promise<number>
  stop(): Promise<void>
}

export interface Setting {
  /** Where it did not start and so could not say its name. */
  readonly label: string
  readonly command: readonly string[]
  readonly threads: number
}

/** Rejects, with the last error it printed, where the process ends before it has said who it is. */
export async function startContender({ command, threads }: Setting): Promise<Contender> {
  const child = spawn(command[0], command.slice(1), {
    env: { ...process.env, ...threadSettings(threads) },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const errors: string[] = []
  child.on('error', (error) => errors.push(error.message)) // no such program
  child.stdin.on('error', () => {}) // it ended: the next line that it does not answer says so
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  const read = async () => {
    const { done, value } = await lines.next()
    if (done) throw new Error(lastErrorIn(errors))
    return JSON.parse(value)
  }
  return {
    ...(await read()),
    threads,
    async round(letter) {
      child.stdin.write(`${letter}\n`)
      const answer: Answer = await read()
      if ('error' in answer) throw new Error(answer.error)
      return answer.ms
    },
    stop: () => end(child),
  }
}

function lastErrorIn(lines: readonly string[]): string {
  const last = lines.findLast((line) => /error|ENOENT/i.test(line)) ?? 'The process ended.'
  return last.replace(/^Error: /, '')
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Each library reads another one, most of them only when they are loaded. */
function threadSettings(threads: number): Record<string, string> {
  const names = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NPROC']
  return Object.fromEntries(names.map((name) => [name, String(threads)]))
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
