/**
 * @file 10,000 event streams, followed by a process of its own while all cores train: how long after its
 * commit an event is with its reader, and what memory they take. API and training are two programs, as
 * for so many readers they are: the memory is that of the API.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { createClient } from '../support/client.ts'
import { percentile } from '../support/statistics.ts'
import { byTheClock } from './by-the-clock.ts'
import type { ReaderReport, ReaderTask } from './event-readers.ts'
import { cancelAll, trainOnAllCores, upload } from './jobs.ts'
import { type Scenario, sleep } from './scenario.ts'

const streams = 10_000
const seconds = 20

/** Beside the streams: databases, listeners, files. */
const otherFiles = 500

/** Node raises its own limit as far as it may. */
function openFilesLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  return Number(/Max open files\s+\S+\s+(\d+)/.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
}

export const eventStreams: Scenario = async function* ({ start }) {
  const limit = openFilesLimit()
  if (limit < streams + otherFiles) {
    console.log(
      `NOT MEASURED: ${streams} event streams need ${streams + otherFiles} open files a process, and ` +
        `this shell allows ${limit}: raise it (ulimit -n ${streams + otherFiles}).`,
    )
    return
  }
  const api = await start({ ROLE: 'api', LIMIT_EVENT_STREAMS: String(streams + 1) })
  await start({ ROLE: 'worker', TRAINYARD_DATA: api.dataFolder })
  const client = createClient(api.url, api.key)
  const before = await api.residentMiB()
  const jobs = await trainOnAllCores(client, await upload(client))

  const readers = startReaders({ url: api.url, key: api.key, jobs, streams, seconds })
  await readers.opened
  const times: number[] = []
  await byTheClock(20, seconds, async (i) => {
    const { milliseconds } = await client.send('GET', `/v1/jobs/${jobs[i % jobs.length]}`)
    times.push(milliseconds)
  })
  const memory = await api.residentMiB()
  const report = await readers.report
  await cancelAll(client, jobs)

  const measure = '10,000 event streams, all cores train'
  yield { measure: `${measure}, open`, value: report.open, unit: '', bar: `${streams}` }
  yield {
    measure: `${measure}, from commit to reader, p50`,
    value: report.p50Ms,
    unit: 'ms',
    bar: '',
  }
  yield {
    measure: `${measure}, from commit to reader, p99`,
    value: report.p99Ms,
    unit: 'ms',
    bar: '≤ 1000',
  }
  yield { measure: `${measure}, messages a second`, value: report.perSecond, unit: '', bar: '' }
  yield {
    measure: `${measure}, out of order or twice`,
    value: report.outOfOrder,
    unit: '',
    bar: '0',
  }
  yield {
    measure: `${measure}, GET of a job meanwhile, p99`,
    value: percentile(times, 0.99),
    unit: 'ms',
    bar: '',
  }
  yield { measure: `${measure}, memory of the API`, value: memory, unit: 'MiB', bar: '≤ 400' }
  yield { measure: 'memory of the API before them', value: before, unit: 'MiB', bar: '' }
  client.close()
  await sleep(500)
}

/** They are a second process: the one that asks for other things must not wait for them. */
function startReaders(task: ReaderTask) {
  const file = fileURLToPath(new URL('./event-readers.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  let isOpen = () => {}
  const opened = new Promise<void>((resolve) => {
    isOpen = resolve
  })
  const report = new Promise<ReaderReport>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line === 'open') isOpen()
      else resolve(JSON.parse(line))
    })
    child.once('exit', (code) => reject(new Error(`The readers ended with ${code}.`)))
  })
  return { opened: Promise.race([opened, report]), report }
}
