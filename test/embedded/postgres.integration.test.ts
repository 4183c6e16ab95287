import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { osUserFor } from '../../src/embedded/os-user.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { findPostmaster } from '../../src/embedded/postmaster.ts'
import { processesIn } from '../../src/embedded/processes.ts'

const log = { info: vi.fn(), warn: vi.fn() }
let dataFolder: string
let running: EmbeddedPostgres[]
let programs: ChildProcess[]

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'trainyard-embedded-'))
  chmodSync(dataFolder, 0o755) // else, as root, the data would go to the system folder
  running = []
  programs = []
  vi.clearAllMocks()
})

afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL')
  await Promise.all(running.map((postgres) => postgres.stop()))
  await (await start()).stop() // adopts what a killed program left
  rmSync(dataFolder, { recursive: true })
})

async function start() {
  const postgres = await startEmbeddedPostgres({ dataFolder, log })
  running.push(postgres)
  return postgres
}

/** The same in a process of its own, once it is up. */
async function startProgram() {
  const args = ['--import', 'tsx', 'test/embedded/program.ts', dataFolder]
  const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  programs.push(program)
  const url = await new Promise<string>((resolve) => {
    program.stdout?.once('data', (line) => resolve(String(line).trim()))
  })
  const ended = new Promise((resolve) => program.once('exit', resolve))
  const signal = async (name: NodeJS.Signals) => {
    program.kill(name)
    await ended
  }
  return { url, signal }
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const cluster = () => join(dataFolder, 'postgres')
const postmaster = () => findPostmaster(cluster())

function killPostgres() {
  for (const pid of processesIn(cluster())) process.kill(pid, 'SIGKILL')
}

test('keeps its data from one start to the next', async () => {
  const first = await start()
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS n')
  await first.stop()
  expect(postmaster()).toBeUndefined()

  const second = await start()
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
})

test('lets in who has the password, from this machine, and writes through to disk', async () => {
  const { url } = await start()

  const stranger = new URL(url)
  stranger.password = 'guess'
  await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  stranger.password = ''
  await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow()

  expect(statSync(join(dataFolder, 'postgres.password')).mode & 0o777).toBe(0o600)
  expect(statSync(cluster()).mode & 0o777).toBe(0o700)
  const names = ['listen_addresses', 'unix_socket_directories', 'fsync', 'synchronous_commit']
  const settings = names.map((name) => `current_setting('${name}') AS ${name}`)
  expect(await query(url, `SELECT ${settings}`)).toEqual([
    {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'on',
      synchronous_commit: 'on',
    },
  ])
})

test('a program that was killed leaves Postgres running, and the next one adopts it', async () => {
  const killed = await startProgram()
  await query(killed.url, 'CREATE TABLE kept AS SELECT 1 AS n')
  await killed.signal('SIGKILL')

  const next = await start()
  expect(next).toMatchObject({ adopted: true, url: killed.url })
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
})

test('after a kill of everything the next start recovers what was committed', async () => {
  const killed = await startProgram()
  await query(killed.url, 'CREATE TABLE kept AS SELECT 1 AS n')
  await killed.signal('SIGKILL')
  killPostgres()

  const next = await start()
  expect(next.adopted).toBe(false)
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
})

test('brings back a Postgres that dies under it, at the same address, and says so once', async () => {
  const { url } = await start()
  killPostgres()

  await vi.waitFor(() => query(url, 'SELECT 1'), { timeout: 10_000, interval: 100 })
  await vi.waitFor(() => expect(log.info).toHaveBeenCalledTimes(1))
  expect(log.warn).toHaveBeenCalledTimes(1)
})

test('programs that start at once on a fresh folder share one Postgres; the last stops it', async () => {
  const programs = await Promise.all([startProgram(), startProgram(), startProgram()])
  expect(new Set(programs.map(({ url }) => url)).size).toBe(1)

  await programs[0].signal('SIGTERM')
  await programs[1].signal('SIGTERM')
  expect(await query(programs[2].url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])

  await programs[2].signal('SIGTERM')
  expect(postmaster()).toBeUndefined()
})

test('starts over a postmaster.pid whose process is now somebody else', async () => {
  await (await start()).stop()
  // Of the same user: Postgres itself would take it for another postmaster and refuse to start.
  const somebody = spawn('sleep', ['60'], { ...osUserFor(cluster()), cwd: '/' })
  writeFileSync(join(cluster(), 'postmaster.pid'), `${somebody.pid}\n${cluster()}\n1\n1\n`)

  expect((await start()).adopted).toBe(false)
  somebody.kill()
})

test('starts over an empty postmaster.pid, as a full disk leaves it', async () => {
  await (await start()).stop()
  writeFileSync(join(cluster(), 'postmaster.pid'), '')

  expect((await start()).adopted).toBe(false)
})

test('starts elsewhere when the port it had before a kill is taken', async () => {
  const { url, stop } = await start()
  const pidFile = readFileSync(join(cluster(), 'postmaster.pid'))
  await stop()
  writeFileSync(join(cluster(), 'postmaster.pid'), pidFile)
  const other = createServer().listen(Number(new URL(url).port), '127.0.0.1')
  await sleep(50)

  const next = await start()
  other.close()
  expect(new URL(next.url).port).not.toBe(new URL(url).port)
})

test('data of another PostgreSQL is refused by version, and left alone', async () => {
  await (await start()).stop()
  const version = join(cluster(), 'PG_VERSION')
  const kept = readFileSync(version)
  writeFileSync(version, '16\n')

  await expect(start()).rejects.toThrow(/was written by PostgreSQL 16, and this version brings 18/)
  writeFileSync(version, kept)
})
