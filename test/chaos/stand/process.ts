/**
 * @file A process of the service, as its users start it, with a saboteur inside that waits for orders.
 * It inherits no setting, and does not outlive the test.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))
const saboteur = new URL('./saboteur.mjs', import.meta.url).href
const startLimitMs = 60_000
const linesKept = 300

export type Order =
  | { readonly order: 'terminate'; readonly n: number }
  | { readonly order: 'arm'; readonly how: '' | 'exit' | 'throw' }
  | { readonly order: 'clock'; readonly ms: number }

export interface Process {
  /** Its connections to Postgres bear it too. */
  readonly name: string
  readonly pid: number
  readonly startedInMs: number
  hasEnded(): boolean
  /** To it alone: its threads are part of it. */
  signal(signal: NodeJS.Signals): void
  /** Sends the signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>
  /** Resolves when the saboteur has done it. */
  ask(order: Order): Promise<void>
  /** The end of its log, for a failure to be understood. */
  log(): readonly string[]
}

/** One that did not start: a supervisor would try again. */
export class NotStarted extends Error {}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Resolves once it says that it is ready. */
export async function startProcess(
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<Process> {
  const startedAtMs = performance.now()
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', saboteur, main], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  running.add(child)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  const output = collectOutput(child)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  while (!(output.stdout().includes('Queue') && output.stdout().endsWith('\n\n'))) {
    if (hasEnded() || performance.now() - startedAtMs > startLimitMs) {
      child.kill('SIGKILL')
      throw new NotStarted(`${name} did not start:\n${output.stdout()}${output.log().join('\n')}`)
    }
    await sleep(5)
  }
  return {
    name,
    pid: child.pid ?? 0,
    startedInMs: performance.now() - startedAtMs,
    hasEnded,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal)
      await ended
    },
    ask: createAsker(child),
    log: output.log,
  }
}

function collectOutput(child: ChildProcess) {
  let stdout = ''
  let lines: string[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const [last = '', ...whole] = (rest + text).split('\n').reverse()
    rest = last
    lines = [...lines, ...whole.reverse()].slice(-linesKept)
  })
  return { stdout: () => stdout, log: () => lines }
}

function createAsker(child: ChildProcess): (order: Order) => Promise<void> {
  const waiting = new Map<number, () => void>()
  let last = 0
  child.on('message', (message) => {
    const id = typeof message === 'object' && 'id' in message ? Number(message.id) : 0
    waiting.get(id)?.()
    waiting.delete(id)
  })
  return (order) =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, resolve)
      child.send({ id: last, ...order }, (error) => error && reject(error))
    })
}
