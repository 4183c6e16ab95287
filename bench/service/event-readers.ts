/**
 * @file The readers of event streams: a program of its own, with plain sockets, since thousands of them
 * in an HTTP client would measure the client. Prints `open` when all are, and its report at the end.
 */
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

import { percentile } from '../support/statistics.ts'
import { sleep } from './scenario.ts'

export interface ReaderTask {
  readonly url: string
  readonly key: string
  readonly jobs: readonly string[]
  readonly streams: number
  /** For which they read, once all are open. */
  readonly seconds: number
}

export interface ReaderReport {
  /** Still open at the end. */
  readonly open: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  /** Messages whose number was not above the one before. */
  readonly outOfOrder: number
}

const openingAtOnce = 100
const message = /id: (\d+)\nevent: \w+\ndata: \{"at":"([^"]+)"/g

async function read({ url, key, jobs, streams, seconds }: ReaderTask): Promise<ReaderReport> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const delaysMs: number[] = []
  let isMeasuring = false
  let outOfOrder = 0

  function open(job: string): Promise<void> {
    const socket = connect(Number(port), hostname)
    socket.setEncoding('latin1')
    socket.write(
      `GET /v1/jobs/${job}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream\r\n\r\n`,
    )
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    let last = 0
    let rest = ''
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.on('data', (piece: string) => {
        if (last === 0 && !piece.startsWith('HTTP/1.1 200') && rest === '') {
          reject(new Error(piece.slice(0, 800)))
        }
        const nowMs = Date.now()
        const text = rest + piece
        let end = 0
        for (const found of text.matchAll(message)) {
          end = found.index + found[0].length
          if (Number(found[1]) <= last) outOfOrder += 1
          last = Number(found[1])
          if (isMeasuring) delaysMs.push(nowMs - Date.parse(found[2]))
        }
        // A message's start may be cut: what stands behind the last one is looked at again.
        rest = text.slice(Math.max(end, text.length - 200))
        resolve()
      })
    })
  }

  for (let i = 0; i < streams; i += openingAtOnce) {
    const batch = Array.from({ length: Math.min(openingAtOnce, streams - i) }, (_, j) =>
      open(jobs[(i + j) % jobs.length]),
    )
    await Promise.all(batch)
  }
  console.log('open')
  await sleep(3_000) // what was written meanwhile has come
  isMeasuring = true
  await sleep((seconds - 3) * 1000)
  isMeasuring = false
  const open_ = sockets.size
  for (const socket of sockets) socket.destroy()
  return {
    open: open_,
    p50Ms: percentile(delaysMs, 0.5),
    p99Ms: percentile(delaysMs, 0.99),
    perSecond: delaysMs.length / (seconds - 3),
    outOfOrder,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await read(JSON.parse(process.argv[2]))))
  process.exit(0)
}
