/** @file The built program as a child process on free ports and a folder of its own, for measuring. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Program {
  /** Where its API listens; empty for a worker. */
  readonly url: string
  readonly key: string
  readonly dataFolder: string
  /** Of the program itself, in MiB. */
  residentMiB(): Promise<number>
  stop(): Promise<void>
}

export async function startProgram(settings: Record<string, string> = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))
  chmodSync(folder, 0o755) // the user of Postgres must be able to enter
  const key = 'a-key-for-measuring-that-is-long-enough'
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'warn',
      TRAINYARD_DATA: join(folder, 'data'),
      TRAINYARD_ADMIN_KEY: key,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await readUrl(child)
  return {
    url,
    key,
    dataFolder: settings.TRAINYARD_DATA ?? join(folder, 'data'),
    residentMiB: () => residentMiB(child.pid ?? 0),
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (piece: Buffer) => {
      output += piece
      const url = /API\s+(http:\S+)/.exec(output)?.[1]
      if (url ?? /^ {2}Training/m.test(output)) resolve(url ?? '')
    })
    child.on('exit', (code) => reject(new Error(`The program ended with ${code}:\n${output}`)))
  })
}

async function residentMiB(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
}

/** A Redis as production has it, or null where none is installed. */
export async function startRedis(): Promise<RedisServer | null> {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-redis-'))
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--dir', folder, '--appendonly', 'yes', '--save', ''],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const started = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false))
    child.stdout?.on('data', (piece: Buffer) => {
      if (piece.includes('Ready to accept connections')) resolve(true)
    })
  })
  if (!started) return null
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('no port'))
      })
    })
  })
}
