/**
 * @file /livez, /readyz and /metrics of a process that has no API. It listens where the settings say, by
 * default nowhere; it reads no body, knows nothing of projects, and answers nothing else.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Registry } from 'prom-client'

import type { Live, Readiness } from '../contract/health.ts'
import type { KernelReport } from '../contract/kernels.ts'
import { judgeReadiness } from '../contract/readiness.ts'
import type { Queue } from '../queue/queue.ts'
import { isMigrated } from '../store/is-migrated.ts'
import type { Store } from '../store/store.ts'
import type { ThreadPool } from '../threads/pool.ts'

export interface StatusServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly registry: Registry
  readonly store: Pick<Store, 'db'>
  readonly queue: Pick<Queue, 'backend' | 'ping'>
  readonly pool: Pick<ThreadPool, 'free' | 'waiting'>
  readonly kernels: KernelReport
  readonly version: string
  /** It takes no more jobs, and gives back those that it has. */
  readonly isDraining: () => boolean
}

export interface StatusServer {
  readonly url: string
  close(): Promise<void>
}

/** A probe sends its few headers at once. */
const requestTimeoutMs = 5_000

export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port } = options
  const server = createServer({
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    maxHeaderSize: 8_192,
  })
  server.maxConnections = 100
  server.on('request', (request, response) => {
    answer(options, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    url: urlOf(server.address()),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('A worker listens on TCP.')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

async function answer(
  options: StatusServerOptions,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path] = url.split('?')
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return sendText(response, 405, 'Only GET and HEAD are known here.\n')
  }
  if (path === '/livez') {
    const live: Live = { status: 'alive', version: options.version }
    return sendJson(response, 200, live)
  }
  if (path === '/readyz') return sendReadiness(options, response)
  if (path === '/metrics') {
    const { registry } = options
    return sendText(response, 200, await registry.metrics(), registry.contentType)
  }
  sendText(response, 404, 'A worker answers /livez, /readyz and /metrics.\n')
}

async function sendReadiness(
  { store, queue, pool, kernels, version, isDraining }: StatusServerOptions,
  response: ServerResponse,
): Promise<void> {
  const { status, statusCode, checks } = await judgeReadiness({
    isDraining,
    isMigrated: () => isMigrated(store.db),
    pingQueue: queue.ping,
  })
  const readiness: Readiness = {
    status,
    version,
    checks: {
      ...checks,
      queue_backend: queue.backend,
      kernels,
      pool: { free_threads: pool.free().threads, waiting_tasks: pool.waiting() },
    },
  }
  sendJson(response, statusCode, readiness)
}

function sendJson(response: ServerResponse, statusCode: number, body: object): void {
  sendText(response, statusCode, JSON.stringify(body), 'application/json')
}

function sendText(
  response: ServerResponse,
  statusCode: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(statusCode, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text) // of a HEAD Node sends the headers alone
}
