import { createServer } from 'node:http'

import Fastify from 'fastify'
import { expect, test } from 'vitest'

import { serverOptions } from '../../src/api/server-options.ts'

const options = serverOptions({ logger: false, trustProxy: false })

test('nothing may take for ever: each time limit of the server is set', async () => {
  const app = Fastify(options)
  const plain = createServer(options.http ?? {})

  expect(app.server.headersTimeout).toBe(15_000)
  expect(app.server.requestTimeout).toBe(3_600_000)
  expect(app.server.timeout).toBe(60_000)
  expect(app.server.keepAliveTimeout).toBe(72_000)
  expect(options.handlerTimeout).toBe(60_000)
  expect(options.http?.connectionsCheckingInterval).toBe(5_000)
  plain.close()
  await app.close()
})

test('bodies are small unless a route asks for more', () => {
  expect(options.bodyLimit).toBe(262_144)
})

test('X-Forwarded-For is believed where the settings say so, and nowhere else', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.7' }
  for (const [trustProxy, ip] of [
    [false, '127.0.0.1'],
    [true, '203.0.113.7'],
    ['127.0.0.1', '203.0.113.7'],
    ['10.0.0.0/8', '127.0.0.1'],
  ] as const) {
    const app = Fastify(serverOptions({ logger: false, trustProxy }))
    app.get('/', async (request) => request.ip)
    expect((await app.inject({ url: '/', headers })).body, String(trustProxy)).toBe(ip)
    await app.close()
  }
})
