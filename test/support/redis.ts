/**
 * @file Real Redis servers for tests: each its own process on its own port, so a test may flush it, kill
 * it and start it again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestRedis {
  readonly url: string
  /** After `kill`: the same port, and nothing in it. */
  start(): Promise<void>
  /** As SIGKILL does: no goodbye to the clients. */
  kill(): Promise<void>
  /** FLUSHALL. */
  flush(): Promise<void>
  /** A server that hangs, and one that goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  dispose(): Promise<void>
}

/** No such binary comes with npm: it is Debian's `redis-server`, or Valkey. */
function findServer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

const server = findServer()
export const isRedisAvailable = server !== undefined

export async function testRedis(): Promise<TestRedis> {
  if (!server) throw new Error('No redis-server or valkey-server on PATH: check isRedisAvailable.')
  const program = server
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)

  async function start() {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
    args.push('--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction')
    child = spawn(program, args, { stdio: 'ignore' })
    for (let attempt = 0; !(await accepts(port)); attempt++) {
      if (attempt > 250 || child.exitCode !== null) throw new Error(`${program} did not start.`)
      await sleep(20)
    }
  }

  async function kill() {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    flush: () => flush(port),
    signal: (signal) => void child?.kill(signal),
    async dispose() {
      await kill()
      process.off('exit', killAtExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Without a client: the protocol takes a line of plain text. */
function flush(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'))
    socket.once('error', reject)
    socket.once('data', () => {
      socket.destroy()
      resolve()
    })
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      probe.close(() => resolve(port))
    })
  })
}
