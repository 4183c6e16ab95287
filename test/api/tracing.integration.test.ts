/** @file What the spans of requests tell a receiver: each ends, however its answer ends, and holds no key. */
import { connect } from 'node:net'

import { afterAll, expect, test, vi } from 'vitest'

import { startTracing } from '../../src/telemetry/tracing.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { testApi } from './support/api.ts'
import { openEventStream } from './support/event-stream.ts'
import { aJobThatIs, storeTable } from './support/jobs.ts'

const receiver = await startOtlpReceiver()
vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
const tracing = startTracing({
  serviceName: 'test',
  version: '0.0.0-test',
  instance: 'test',
  sampler: 'always_on',
  samplerRatio: 1,
  batch: {
    scheduledDelayMillis: 50,
    exportTimeoutMillis: 5_000,
    maxQueueSize: 100,
    maxExportBatchSize: 100,
  },
  onError: () => {},
})
const api = await testApi({ tracer: tracing })
const dataset = await storeTable(api, api.projectId)
const origin = await api.listen()
const authorization = `Bearer ${api.keys.project}`

afterAll(async () => {
  await tracing.stop()
  await receiver.close()
  vi.unstubAllEnvs()
})

function spanNamed(name: string): Promise<ReceivedSpan> {
  const spans = () => receiver.spans.filter((span) => span.name === name)
  return vi.waitFor(
    () => {
      const [span] = spans()
      if (!span) throw new Error(`No span ${name}, but ${receiver.spans.map((each) => each.name)}.`)
      return span
    },
    { timeout: 10_000, interval: 50 },
  )
}

test('an event stream has a span, which ends with it', async () => {
  const { id } = await aJobThatIs(api, 'running', dataset)
  const events = await openEventStream(`${origin}/v1/jobs/${id}/events`, { authorization })
  await events.close()

  expect(await spanNamed('GET /v1/jobs/:jobId/events')).toMatchObject({
    status: 0,
    attributes: { 'http.response.status_code': 200, 'trainyard.project.id': api.projectId },
  })
})

test('a request whose client goes away has a span, which says so', async () => {
  const socket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1' })
  const head = ['POST /v1/plans HTTP/1.1', 'host: x', 'content-type: application/json']
  socket.write(
    `${[...head, `authorization: ${authorization}`, 'content-length: 100'].join('\r\n')}\r\n\r\n{`,
  )
  setTimeout(() => socket.destroy(), 300)

  const span = await spanNamed('POST /v1/plans')
  expect(span).toMatchObject({ status: 2, attributes: { 'error.type': 'cut_off' } })
  expect(span.attributes).not.toHaveProperty('http.response.status_code')
})

test('a key that somebody writes into a path is in no span', async () => {
  const secret = api.keys.project
  for (const path of [`/v1/jobs/${secret}`, `/v1/${secret}`, `/v1/datasets?key=${secret}`]) {
    await fetch(`${origin}${path}`, { headers: { authorization } })
  }

  await spanNamed('GET /v1/datasets')
  expect(await spanNamed('GET /v1/jobs/:jobId')).toMatchObject({
    attributes: { 'http.route': '/v1/jobs/:jobId' },
  })
  expect(Buffer.concat(receiver.bodies).includes(secret)).toBe(false)
})
