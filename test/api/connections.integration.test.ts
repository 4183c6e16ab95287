/** @file What only shows on a socket: ids in headers, requests that are not HTTP, and the end. */
import { connect, type Socket } from 'node:net'

import { expect, test } from 'vitest'

import { noMessages, testApi } from './support/api.ts'
import { aJobOn, storeTable } from './support/jobs.ts'

const api = await testApi()
const origin = await api.listen()
const authorization = `Bearer ${api.keys.project}`

function open(at: string): Socket {
  return connect(Number(new URL(at).port), '127.0.0.1')
}

/** What the server says on this socket until it closes. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    socket.setEncoding('utf8')
    socket.on('data', (piece) => {
      said += piece
    })
    socket.on('end', () => resolve(said))
    socket.on('error', reject)
  })
}

function exchange(text: string): Promise<string> {
  const socket = open(origin)
  socket.write(text)
  return readAll(socket)
}

test('a request has an id: the one that it came with, if that is harmless', async () => {
  const own = await fetch(`${origin}/livez`, { headers: { 'x-request-id': 'trace-1.a:b' } })
  expect(own.headers.get('x-request-id')).toBe('trace-1.a:b')

  for (const id of ['a b', 'x'.repeat(65), 'ä', '<script>', '']) {
    const given = await fetch(`${origin}/livez`, { headers: { 'x-request-id': id } })
    expect(given.headers.get('x-request-id'), id).toMatch(/^req_[0-9a-f]{32}$/)
  }
})

test('a problem names the request as the header does', async () => {
  const answer = await fetch(`${origin}/v1/nothing`)
  expect(await answer.json()).toMatchObject({ instance: answer.headers.get('x-request-id') })
})

test('answers do not say what made them, and are nothing that a browser runs', async () => {
  const { headers } = await fetch(`${origin}/v1/limits`, { headers: { authorization } })
  expect(headers.get('x-powered-by')).toBeNull()
  expect(headers.get('server')).toBeNull()
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
})

test('400 as a problem: bytes that are not HTTP, and headers without end', async () => {
  for (const bytes of [
    'hello\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    'POST /v1/projects HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /v1/projects HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  ]) {
    const said = await exchange(bytes)
    expect(said.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request')
    expect(said).toContain('Content-Type: application/problem+json')
    expect(JSON.parse(said.split('\r\n\r\n')[1])).toMatchObject({ code: 'invalid_request' })
  }
})

test('an expectation that nobody knows is passed over', async () => {
  const said = await exchange(
    'GET /livez HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n',
  )
  expect(said.split('\r\n')[0]).toBe('HTTP/1.1 200 OK')
})

test('413 before the body has been sent, when its length says so', async () => {
  const said = await exchange(
    `POST /v1/projects HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.admin}\r\n` +
      'content-type: application/json\r\ncontent-length: 300000\r\n\r\n',
  )
  expect(said.split('\r\n')[0]).toBe('HTTP/1.1 413 Payload Too Large')
  expect(said).toContain('connection: close')
})

let finishPing: () => void = () => {}
const ping = () =>
  new Promise<void>((resolve) => {
    finishPing = resolve
  })
const closing = await testApi({ queue: { backend: 'postgres', ping, messages: noMessages } })

test('close() lets what was begun end, refuses what comes after, and then is gone', async () => {
  const closingOrigin = await closing.listen()
  const begun = fetch(`${closingOrigin}/readyz`)
  const late = open(closingOrigin)
  late.write('GET /v1/limits HTTP/1.1\r\nhost: x\r\n') // and not yet its end
  await new Promise((resolve) => setTimeout(resolve, 100))

  const closed = closing.app.close()
  await new Promise((resolve) => setTimeout(resolve, 100))
  late.write('\r\n')
  const said = await readAll(late)
  expect(said.split('\r\n')[0]).toBe('HTTP/1.1 503 Service Unavailable')
  expect(said).toContain('"code":"unavailable"')

  finishPing()
  expect(await (await begun).json()).toMatchObject({ checks: { draining: true } })
  await closed
  await expect(fetch(`${closingOrigin}/livez`)).rejects.toThrow()
})

const streaming = await testApi()

test('close() ends open streams, and waits for none of their connections', async () => {
  const dataset = await storeTable(streaming, streaming.projectId)
  const job = (await streaming.call('POST', '/v1/jobs', aJobOn(dataset))).json()
  const origin = await streaming.listen()
  const stream = await fetch(`${origin}/v1/jobs/${job.id}/events`, {
    headers: { authorization: `Bearer ${streaming.keys.project}`, accept: 'text/event-stream' },
  })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let said = ''
  while (!said.includes('event: status')) said += (await reader?.read())?.value ?? ''

  const startedAtMs = performance.now()
  await streaming.app.close()
  expect(performance.now() - startedAtMs).toBeLessThan(2_000)
  expect(await reader?.read()).toMatchObject({ done: true })
})

const unused = await testApi()

test('close() does not wait for connections that were opened ahead and never used', async () => {
  const socket = open(await unused.listen())
  await new Promise((resolve) => socket.on('connect', resolve))
  await unused.call('GET', '/livez')

  const startedAtMs = performance.now()
  await unused.app.close()
  expect(performance.now() - startedAtMs).toBeLessThan(2_000)
  socket.destroy()
})
