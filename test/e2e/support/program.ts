/**
 * @file The built program as a child process, as its users start it. It inherits no setting of the
 * environment that the tests run in, and none outlives its test file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))
const startLimitMs = 60_000

/** Settings by name, as in .env.example. */
export type Settings = Readonly<Record<string, string>>

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Program {
  readonly pid: number
  /** Where its API listens; empty for a worker. */
  readonly url: string
  /** null when it printed none. */
  readonly firstKey: string | null
  readonly stdout: () => string
  /** The log, a line each; lines that are not JSON are not of the log. */
  readonly log: () => readonly LogLine[]
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<Ended>
  /** Ctrl-C sends SIGINT to all processes of a terminal; so does this. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

export interface LogLine {
  /** pino's: 30 info, 40 warn, 50 error. */
  readonly level: number
  readonly msg: string
}

/** Started programs that have not ended. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL')
})

/** Runs until it ends by itself, which it must. */
export async function runProgram(settings: Settings, ...args: string[]) {
  const { child, output, ended } = spawnProgram(settings, args)
  onTestFinished(() => {
    signalGroup(child, 'SIGKILL')
  })
  return { ...(await ended), stdout: output.stdout, stderr: output.stderr }
}

/** Returns once it says that it is ready. */
export async function startProgram(settings: Settings): Promise<Program> {
  const { child, output, ended } = spawnProgram(settings, [])
  const deadline = Date.now() + startLimitMs
  while (!isBannerWhole(output.stdout)) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      signalGroup(child, 'SIGKILL')
      throw new Error(`The program did not start:\n${output.stdout}\n${output.stderr}`)
    }
    await sleep(10)
  }
  return {
    pid: child.pid ?? 0,
    url: /API +(http\S+)/.exec(output.stdout)?.[1] ?? '',
    firstKey: /First API key.*\s+(ty_\S+)/.exec(output.stdout)?.[1] ?? null,
    stdout: () => output.stdout,
    log: () => output.stderr.split('\n').flatMap(parseLogLine),
    ended,
    end(signal) {
      signalGroup(child, signal)
      return ended
    },
  }
}

/** Ends with an empty line, as no other part of it does once the queue is named. */
function isBannerWhole(stdout: string): boolean {
  return stdout.includes('Queue') && stdout.endsWith('\n\n')
}

function spawnProgram(settings: Settings, args: readonly string[]) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH, HOME, PORT: '0', ...settings },
    detached: true, // a process group of its own, so that signals reach it as from a terminal
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  return { child, output, ended }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

function parseLogLine(line: string): LogLine[] {
  return line.startsWith('{') ? [JSON.parse(line)] : []
}

/** For `afterAll`: whatever a failed test left running. */
export async function endPrograms(): Promise<void> {
  for (const child of running) signalGroup(child, 'SIGKILL')
  while (running.size > 0) await sleep(10)
}
