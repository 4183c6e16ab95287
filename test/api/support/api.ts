/**
 * @file The API over a real database, in this process: called without a socket, or listening where a
 * test is about sockets. What it tells others is recorded. Every answer is held to its schema.
 */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll } from 'vitest'

import { createApp } from '../../../src/api/app.ts'
import type { ApiDependencies } from '../../../src/api/dependencies.ts'
import { newId } from '../../../src/contract/ids.ts'
import { type Limits, projectScopes, type Scope } from '../../../src/contract/tenancy.ts'
import { noTracer } from '../../../src/contract/tracing.ts'
import type { MessageQueue } from '../../../src/queue/backend.ts'
import type { Listener } from '../../../src/queue/live-channel.ts'
import { issueKey } from '../../../src/store/keys/api-key-secret.ts'
import { insertApiKey } from '../../../src/store/keys/api-keys.ts'
import { createProject } from '../../../src/store/projects.ts'
import { createStore, type Store } from '../../../src/store/store.ts'
import { assumedCalibration } from '../../../src/threads/calibration.ts'
import { testDatabase } from '../../support/services.ts'
import { expectToMatchSchema } from './answer-schema.ts'

export interface TestKey {
  readonly id: string
  readonly secret: string
}

export interface TestKeyOptions {
  /** null for a key of the instance. */
  readonly projectId: string | null
  readonly scopes?: readonly Scope[]
  readonly expiresAt?: Date
}

export interface TestApi {
  readonly app: FastifyInstance
  readonly store: Store
  readonly databaseUrl: string
  readonly projectId: string
  readonly neighborId: string
  /** `project` may do everything in its project, `neighbor` in another, `admin` is the instance's. */
  readonly keys: { readonly project: string; readonly neighbor: string; readonly admin: string }
  /** How often the relay was woken. */
  readonly wakes: () => number
  /** The jobs that others were told about. */
  readonly published: readonly string[]
  /** Tells listeners of the live channel, as a worker does after a commit. */
  tell(jobId: string): void
  call(method: Method, url: string, body?: unknown, options?: CallOptions): Promise<Answer>
  createKey(options: TestKeyOptions): Promise<TestKey>
  /** Its origin, as in http://127.0.0.1:1234. */
  listen(): Promise<string>
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
export type Answer = LightMyRequestResponse

export interface CallOptions {
  /** The project's unless given; null for none. */
  readonly key?: string | null
  readonly headers?: Record<string, string>
}

export const testLimits: Limits = {
  dataset_bytes: 10_000_000,
  datasets_bytes_total: 50_000_000,
  results_bytes_total: 50_000_000,
  dataset_columns: 1_000,
  job_parameters: 1_000_000,
  job_bytes: 500_000_000,
  job_points: 100_000,
  job_flops: 1e15,
  job_seconds: 3_600,
  jobs_unfinished: 100,
  jobs_kept: 10_000,
  jobs_running: 50,
  threads: 50,
  requests_per_minute: 100_000,
  event_streams: 20,
  idempotency_keys: 10_000,
}

/** To be awaited at the top of a test file, which then has it for itself until its end. */
export async function testApi(overrides: Partial<ApiDependencies> = {}): Promise<TestApi> {
  const database = await testDatabase()
  const store = createStore({
    connectionString: database.url,
    applicationName: 'test',
    maxConnections: 10,
    maxUploads: 4,
    onError: () => {},
  })
  const recorder = createRecorder()
  const app = await createApp({ ...defaults(store), ...recorder.parts, ...overrides })
  afterAll(async () => {
    await app.close()
    await store.close()
    await database.dispose()
  })

  const [projectId, neighborId] = [newId('project'), newId('project')]
  await createProject(store.db, projectId, 'project')
  await createProject(store.db, neighborId, 'neighbor')
  const createKey = (options: TestKeyOptions) => insertTestKey(store, options)
  const keys = {
    project: (await createKey({ projectId })).secret,
    neighbor: (await createKey({ projectId: neighborId })).secret,
    admin: (await createKey({ projectId: null, scopes: ['admin'] })).secret,
  }

  return {
    app,
    store,
    databaseUrl: database.url,
    projectId,
    neighborId,
    keys,
    wakes: recorder.wakes,
    published: recorder.published,
    tell: recorder.parts.live.publish,
    createKey,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async call(method, url, body, { key = keys.project, headers = {} } = {}) {
      const answer = await app.inject({ method, url, ...requestOf(body, key, headers) })
      expectToMatchSchema(app, method, url, answer)
      return answer
    },
  }
}

function requestOf(
  body: unknown,
  key: string | null,
  headers: Record<string, string>,
): Partial<InjectOptions> {
  return {
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
}

async function insertTestKey(
  store: Store,
  { projectId, scopes = projectScopes, expiresAt }: TestKeyOptions,
): Promise<TestKey> {
  const key = issueKey()
  const newKey = { key, projectId, name: 'test', scopes, expiresAt: expiresAt ?? null }
  await insertApiKey(store.db, newKey)
  return key
}

export const noMessages: MessageQueue = {
  addBulk: () => Promise.reject(new Error('This test brought no queue.')),
  getWaitingCount: async () => 0,
  close: async () => {},
  on() {},
}

function defaults(store: Store) {
  return {
    store,
    queue: { backend: 'postgres' as const, ping: async () => {}, messages: noMessages },
    pool: {
      free: () => ({ threads: 2, bytes: 1e9 }),
      waiting: () => 0,
      parse: () => Promise.reject(new Error('This test brought no thread pool.')),
      predict: () => Promise.reject(new Error('This test brought no thread pool.')),
    },
    limits: testLimits,
    calibration: {
      ...assumedCalibration,
      kernels: { table: 'wasm' as const, native_missing: null },
      numericsVersion: 3,
    },
    logger: false as const,
    registry: new Registry(),
    tracer: noTracer,
    trustProxy: false,
    version: '0.0.0-test',
    uploads: { maxConcurrent: 4 },
  }
}

/** The relay, and a live channel within this process: it tells its own listeners. */
function createRecorder() {
  let wakes = 0
  const published: string[] = []
  const listeners = new Set<Listener>()
  return {
    wakes: () => wakes,
    published,
    parts: {
      relay: {
        wake() {
          wakes += 1
        },
      },
      live: {
        publish(jobId: string) {
          published.push(jobId)
          for (const listener of listeners) listener([jobId], new Set())
        },
        subscribe(listener: Listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        async close() {},
      },
    },
  }
}
