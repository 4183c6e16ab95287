/**
 * @file Clients that hold connections and do next to nothing: the service stays quick for the others,
 * its memory stays bounded, and who is too slow is cut off.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { Job } from '../../src/contract/jobs.ts'
import { Problem } from '../../src/contract/problem.ts'
import { LimitsResponse } from '../../src/contract/tenancy.ts'
import { watchHealth } from '../fuzz/health.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, type Program, startProgram } from './support/program.ts'

const each = 250
const readersAtOnce = 300
const losses = 150_000
/** Headers have 15 s, small bodies 20 s; Node looks for those that are over every 5 s. Twice that. */
const allAreCutWithinMs = 50_000
/**
 * A stream is let go at the second heartbeat in a row at which it was not read, 5 s after it is told; one
 * of which the kernel has the rest, when there was not a byte for 60 s. Twice that.
 */
const allAreLetGoWithinMs = 130_000
/** Of its own: a busy machine takes its core away, which `watchHealth` leaves out. */
const heldLimitMs = 300

let folder: TestDataFolder
let program: Program
let client: Client

beforeAll(async () => {
  folder = testDataFolder()
  program = await startProgram({
    TRAINYARD_DATA: folder.path,
    THREADS: '1',
    LIMIT_EVENT_STREAMS: String(readersAtOnce),
    LIMIT_JOB_POINTS: String(losses),
  })
  client = createClient({ url: program.url, key: program.firstKey })
})
afterAll(async () => {
  await endPrograms()
  await folder.dispose()
})

function residentMiB(): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

interface SlowClient {
  readonly socket: Socket
  readonly closed: Promise<void>
}

function open(start: string): SlowClient {
  const { hostname, port } = new URL(program.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // being cut off is what they are for
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(start)
  return { socket, closed }
}

const openMany = (start: string) => Array.from({ length: each }, () => open(start))

/** Asks one thing after another meanwhile; for how long the service held its event loop at most. */
async function longestHeldMs(seconds: number): Promise<number> {
  const { url, pid } = program
  const health = watchHealth({ url, pid, limitMs: heldLimitMs, onOver() {} })
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const answer = await client.fetch('/v1/jobs?limit=1')
    await answer.text()
    expect(answer.status).toBe(200)
    await sleep(10)
  }
  return (await health.stop()).longestOwnDelayMs
}

describe('slow headers, slow bodies, and connections that say nothing', () => {
  test('are cut off, and nobody else waits for them', async () => {
    const before = residentMiB()
    const head = `POST /v1/plans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${program.firstKey}\r\n`
    const slow = [
      ...openMany('GET /livez HTTP/1.1\r\nhost: x\r\n'),
      ...openMany(`${head}content-type: application/json\r\ncontent-length: 5000\r\n\r\n{`),
      ...openMany(''),
    ]
    for (const { socket } of slow) socket.resume()
    const timer = setInterval(() => {
      for (const { socket } of slow.slice(0, each)) socket.write('x: y\r\n')
      for (const { socket } of slow.slice(each, 2 * each)) socket.write(' ')
    }, 1_000)
    try {
      expect(await longestHeldMs(8)).toBeLessThan(heldLimitMs)
      const all = Promise.all(slow.map(({ closed }) => closed)).then(() => 'cut off')
      expect(await Promise.race([all, sleep(allAreCutWithinMs, 'still open')])).toBe('cut off')
      expect(residentMiB() - before).toBeLessThan(150)
    } finally {
      clearInterval(timer)
      for (const { socket } of slow) socket.destroy()
    }
  })
})

describe('headers without end', () => {
  test('are answered with 400 after 16 KiB, and the connection is closed', async () => {
    const before = residentMiB()
    const endless = Array.from({ length: each }, () => {
      const { socket, closed } = open(`GET /livez HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1e6)}`)
      let said = ''
      socket.setEncoding('utf8')
      socket.on('data', (piece) => {
        said += piece
      })
      return closed.then(() => said)
    })

    expect(await longestHeldMs(3)).toBeLessThan(heldLimitMs)
    // Some are reset, with bytes of theirs unread, before they have read the answer.
    const answers = (await Promise.all(endless)).filter((said) => said !== '')
    expect(answers.length).toBeGreaterThan(0)
    for (const said of answers) {
      expect(said).toContain('HTTP/1.1 400 Bad Request')
      expect(said).toContain('Expected headers of at most 16 KiB, got more.')
    }
    expect(residentMiB() - before).toBeLessThan(100)
  })
})

describe('hundreds of event streams that nobody reads', () => {
  let job: Job
  let readers: SlowClient[] = []
  let before: number

  beforeAll(async () => {
    const dataset = await client.upload('a,y\n0,0\n1,1\n')
    const spec = {
      dataset,
      target: { column: 'y' },
      model: { type: 'mlp', hidden: [2] },
      training: { epochs: losses / 2, batch_size: 1, report_every: 1 },
    }
    job = await client.jobEnded((await client.createJob(spec)).id)
    expect(job.status).toBe('succeeded')
    before = residentMiB()
    // From the first event on, some 9 MB for each, of which none is read: more than the kernel takes.
    readers = Array.from({ length: readersAtOnce }, () => {
      const reader = open(`${headOf(job.id)}\r\n`)
      reader.socket.pause()
      return reader
    })
    await vi.waitFor(async () => expect(await openStreams()).toBe(readersAtOnce), {
      timeout: 30_000,
    })
  })
  afterAll(() => {
    for (const { socket } of readers) socket.destroy()
  })

  test('leave the service quick, and its memory nearly as it was', async () => {
    expect(await longestHeldMs(8)).toBeLessThan(heldLimitMs)
    // The kernel holds most of what is unread; each message is made once, and not once for each.
    expect(residentMiB() - before).toBeLessThan(200)
  })

  test('keep one more out, which is told how many there are', async () => {
    const refused = await client.fetch(`/v1/jobs/${job.id}/events`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(refused.status).toBe(429)
    expect(Problem.parse(await refused.json())).toMatchObject({
      code: 'too_many_streams',
      detail: expect.stringContaining(`has ${readersAtOnce} event streams open`),
    })
  })

  test('are let go, and come back for exactly what they have not read', async () => {
    await expect.poll(openStreams, { timeout: allAreLetGoWithinMs, interval: 500 }).toBe(0)
    const closed = program.log().filter(({ msg }) => msg === 'an event stream was closed')
    expect(closed.length).toBeGreaterThan(0)
    const first = messagesOf(await readToTheEnd(readers[0]))
    const last = first.at(-1)?.seq ?? 0
    expect(first.length).toBeGreaterThan(0)
    expect(first.at(-1)?.type).not.toBe('end')
    const rest = open(`${headOf(job.id)}last-event-id: ${last}\r\n\r\n`)
    const all = [...first, ...messagesOf(await readToTheEnd(rest))]

    const statuses = all.filter(({ type }) => type === 'status').map(({ data }) => data.status)
    expect(statuses).toEqual(['queued', 'running', 'succeeded'])
    expect(all.at(-1)?.type).toBe('end')
    const steps = all
      .flatMap(({ data }) => data.points ?? [])
      .filter(({ name }) => name === 'loss')
      .map(({ step }) => step)
    expect(steps).toEqual(Array.from({ length: losses }, (_, i) => i + 1))
  })
})

const headOf = (jobId: string) =>
  `GET /v1/jobs/${jobId}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${program.firstKey}\r\naccept: text/event-stream\r\n`

const openStreams = async () => (await client.get(LimitsResponse, '/v1/limits')).usage.event_streams

async function readToTheEnd({ socket, closed }: SlowClient): Promise<string> {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (piece) => {
    text += piece
  })
  socket.resume()
  await closed
  return text
}

interface Message {
  readonly seq: number
  readonly type: string
  readonly data: { status?: string; points?: { name: string; step: number }[] }
}

/** Whole ones: the last of a stream that was cut off may not be. */
function messagesOf(text: string): Message[] {
  return [...text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g)].map(
    ([, seq, type, data]) => ({ seq: Number(seq), type, data: JSON.parse(data) }),
  )
}
