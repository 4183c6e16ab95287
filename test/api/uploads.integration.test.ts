/** @file Uploads over real sockets: cut off, refused in the middle, too many at once, in forms. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, describe, expect, test } from 'vitest'

import { Dataset } from '../../src/contract/datasets.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi, testLimits } from './support/api.ts'

const pool = createThreadPool({ threads: 3, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const { call, keys, listen, store } = await testApi({
  pool,
  limits: { ...testLimits, dataset_bytes: 3_000_000 },
  uploads: { maxConcurrent: 4 },
})
const origin = await listen()

/** Of an answer: its shape is what the test is about. */
const jsonOf = (text: string) => JSON.parse(text)

const tiny = 'x,y\n0,a\n1,b\n'

async function nothingIsStored(): Promise<void> {
  const { rows } = await store.db.query(`SELECT
    (SELECT count(*) FROM datasets)::int + (SELECT count(*) FROM blobs)::int
    + (SELECT count(*) FROM blob_chunks)::int + (SELECT count(*) FROM idempotency_keys)::int AS n`)
  expect(rows[0].n).toBe(0)
}

/** The head of an upload on a socket of its own; its body is up to the test. */
function beginUpload(headers: Record<string, string>): Socket {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const lines = Object.entries({
    host: 'localhost',
    authorization: `Bearer ${keys.project}`,
    'content-type': 'text/csv',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  socket.write(`POST /v1/datasets HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

function answerOn(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (piece) => {
      text += piece
      const [head, body] = text.split('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(head)?.[1]
      if (body !== undefined && Buffer.byteLength(body) >= Number(length)) resolve(text)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)))
  })
}

/** Until the last transaction of an upload has ended. */
async function allIsQuiet(): Promise<void> {
  for (;;) {
    const { rows } = await store.db.query(`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`)
    if (rows[0].n === 0 && pool.free().threads === 3) return
    await sleep(10)
  }
}

describe('an upload that ends before its file', () => {
  test.each([
    ['with a known length', { 'content-length': '1000000' }, `x,y\n${'1,2\n'.repeat(10)}`],
    ['in chunks', { 'transfer-encoding': 'chunked' }, '8\r\nx,y\n1,2\n\r\n'],
    ['after megabytes', { 'content-length': '2900000' }, `x,y\n${'1,2\n'.repeat(600_000)}`],
  ])('%s leaves nothing, and frees its Idempotency-Key', async (name, headers, start) => {
    const key = name.replaceAll(' ', '-')
    const socket = beginUpload({ ...headers, 'idempotency-key': key })
    socket.write(start)
    await sleep(100)
    socket.destroy()
    await sleep(50)
    await allIsQuiet()
    await nothingIsStored()

    const again = await uploadWhenFree(key)
    expect(again.statusCode).toBe(201)
    await call('DELETE', `/v1/datasets/${again.json().id}`)
    await store.db.query('DELETE FROM idempotency_keys')
  })
})

/** A slow machine may notice only now that the first client has gone: then the key is in flight. */
async function uploadWhenFree(key: string) {
  for (;;) {
    const headers = { 'content-type': 'text/csv', 'idempotency-key': key }
    const answer = await call('POST', '/v1/datasets', tiny, { headers })
    if (answer.statusCode !== 409) return answer
    await sleep(20)
  }
}

describe('a file that is refused in the middle', () => {
  test('the client reads why, though it was still sending', async () => {
    const socket = beginUpload({ 'transfer-encoding': 'chunked' })
    const answer = answerOn(socket)
    const send = (text: string) => socket.write(`${text.length.toString(16)}\r\n${text}\r\n`)
    send('a,b\n1,2\n3,4,5\n')
    const timer = setInterval(() => send('1,2\n'.repeat(10_000)), 1)
    try {
      const text = await answer
      expect(text).toMatch(/^HTTP\/1.1 422 /)
      expect(text).toContain('Row 2')
    } finally {
      clearInterval(timer)
      socket.destroy()
    }
    await allIsQuiet()
    await nothingIsStored()
  })

  test('413 as soon as there is too much, without a Content-Length', async () => {
    const socket = beginUpload({ 'transfer-encoding': 'chunked' })
    const answer = answerOn(socket)
    const piece = '1,2\n'.repeat(25_000)
    socket.write('4\r\nx,y\n\r\n')
    for (let i = 0; i < 40; i++) socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    const text = await answer
    socket.destroy()

    expect(text).toMatch(/^HTTP\/1.1 413 /)
    expect(text).toContain('payload_too_large')
    await allIsQuiet()
    await nothingIsStored()
  })

  test('413 at once, before the body, where Content-Length says it', async () => {
    const socket = beginUpload({ 'content-length': '3000001' })
    const text = await answerOn(socket)
    socket.destroy()

    expect(text).toMatch(/^HTTP\/1.1 413 /)
  })

  test('the connection goes on to serve once the rest has been read', async () => {
    const body = `a,b\n1\n${'1,2\n'.repeat(100_000)}`
    const socket = beginUpload({ 'content-length': String(body.length) })
    socket.write(body)
    expect(await answerOn(socket)).toMatch(/^HTTP\/1.1 422 /)

    socket.removeAllListeners('data')
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(await answerOn(socket)).toMatch(/^HTTP\/1.1 200 /)
    socket.destroy()
  })
})

test('a large file comes back byte for byte', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${(i * 7919) % 1000}`)
  const body = `id,value\n${rows.join('\n')}\n`
  const headers = { authorization: `Bearer ${keys.project}`, 'content-type': 'text/csv' }
  const made = await fetch(`${origin}/v1/datasets`, { method: 'POST', body, headers })
  expect(made.status).toBe(201)
  const { id, ...dataset } = Dataset.parse(await made.json())
  expect(dataset).toMatchObject({ rows: 200_000, bytes: body.length })

  const content = await fetch(`${origin}/v1/datasets/${id}/content`, { headers })
  expect(await content.text()).toBe(body)
  await call('DELETE', `/v1/datasets/${id}`)
})

test('429 with Retry-After when half of all uploads are of the project; others go on', async () => {
  const slow = [1, 2].map(() => beginUpload({ 'content-length': '100' }))
  for (const socket of slow) socket.on('error', () => {}).write('x,y\n')
  await sleep(100)

  const started = performance.now()
  const headers = { 'content-type': 'text/csv' }
  const refused = await call('POST', '/v1/datasets', tiny, { headers })
  expect(refused.statusCode).toBe(429)
  expect(refused.json().code).toBe('too_many_uploads')
  expect(refused.headers['retry-after']).toBe('5')
  expect(performance.now() - started).toBeGreaterThan(4_000)

  const other = await call('POST', '/v1/datasets', tiny, { headers, key: keys.neighbor })
  expect(other.statusCode).toBe(201)
  await call('DELETE', `/v1/datasets/${other.json().id}`, undefined, { key: keys.neighbor })

  const patient = call('POST', '/v1/datasets', tiny, { headers })
  slow[0].destroy()
  const { statusCode, json } = await patient
  expect(statusCode).toBe(201)
  slow[1].destroy()
  await call('DELETE', `/v1/datasets/${json().id}`)
  await allIsQuiet()
})

test('a client that leaves while its upload waits for another keeps no place', async () => {
  const slow = [1, 2].map(() => beginUpload({ 'content-length': '100' }))
  for (const socket of slow) socket.on('error', () => {}).write('x,y\n')
  await sleep(100)
  const form = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${tiny}`
  for (let i = 0; i < 2; i++) {
    const type = 'multipart/form-data; boundary=b'
    const left = beginUpload({ 'content-type': type, 'content-length': '1000' })
    left.on('error', () => {}).write(form)
    await sleep(100)
    left.destroy()
  }
  await sleep(200)
  for (const socket of slow) socket.destroy()

  // As long as a silent client is waited for; a place is free again long before.
  const headers = { 'content-type': 'text/csv' }
  const { statusCode, json } = await call('POST', '/v1/datasets', tiny, { headers })
  expect(statusCode).toBe(201)
  await call('DELETE', `/v1/datasets/${json().id}`)
  await allIsQuiet()
})

test('uploads at once: each is answered with its own file', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      call('POST', `/v1/datasets?name=n${i}`, `c${i}\n${'1\n'.repeat(i + 1)}`, {
        headers: { 'content-type': 'text/csv' },
      }),
    ),
  )

  for (const [i, answer] of answers.entries()) {
    expect(answer.json()).toMatchObject({
      name: `n${i}`,
      rows: i + 1,
      columns: [{ name: `c${i}` }],
    })
    await call('DELETE', `/v1/datasets/${answer.json().id}`)
  }
})

test('uploads at the same time cannot pass the quota together', async () => {
  const filler = await call('POST', '/v1/datasets', tiny, {
    headers: { 'content-type': 'text/csv' },
  })
  const fill = 'UPDATE datasets SET bytes = bytes + $1'
  const room = testLimits.datasets_bytes_total - 2 * tiny.length
  await store.db.query(fill, [room])
  const slow = beginUpload({ 'content-length': String(tiny.length) })
  const slowAnswer = answerOn(slow)
  slow.write(tiny.slice(0, 4))
  await sleep(100)

  const quick = await call('POST', '/v1/datasets', tiny, {
    headers: { 'content-type': 'text/csv' },
  })
  expect(quick.statusCode).toBe(201)
  slow.write(tiny.slice(4))
  const text = await slowAnswer
  slow.destroy()
  expect(text).toMatch(/^HTTP\/1.1 422 /)
  expect(text).toContain('quota_exceeded')

  for (const { id } of [filler.json(), quick.json()]) await call('DELETE', `/v1/datasets/${id}`)
})

describe('a form', () => {
  async function sendForm(parts: readonly (readonly [string, string | File])[], query = '') {
    const body = new FormData()
    for (const [name, value] of parts) body.append(name, value)
    const headers = { authorization: `Bearer ${keys.project}` }
    const answer = await fetch(`${origin}/v1/datasets${query}`, { method: 'POST', body, headers })
    return { status: answer.status, body: jsonOf(await answer.text()) }
  }
  const file = (name = 'tiny.csv', type = 'text/csv', content = tiny) =>
    new File([content], name, { type })

  test('201: a file, with its name and labels before or after it', async () => {
    const { status, body } = await sendForm([
      ['name', 'tiny'],
      ['label', 'team:a'],
      ['file', file()],
      ['label', 'tier:gold'],
    ])

    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'tiny',
      labels: { team: 'a', tier: 'gold' },
      format: 'csv',
      rows: 2,
      bytes: tiny.length,
    })
    const content = await call('GET', `/v1/datasets/${body.id}/content`)
    expect(content.body).toBe(tiny)
  })

  test.each([
    ['rows.jsonl', '', '{"x":1}\n', 'jsonl'],
    ['DATA.CSV', 'application/vnd.ms-excel', tiny, 'csv'],
    ['notes.txt', 'application/octet-stream', 'to be', 'text'],
  ])('201: the name %s tells the format where the type (%s) does not', async (...row) => {
    const [name, type, content, format] = row
    const { status, body } = await sendForm([['file', file(name, type, content)]])

    expect(status).toBe(201)
    expect(body.format).toBe(format)
  })

  test('201: the query says what no field does', async () => {
    const { body } = await sendForm([['file', file('data', 'x/y')]], '?format=csv&name=q')

    expect(body).toMatchObject({ format: 'csv', name: 'q' })
  })

  test.each([
    ['without a file', [['name', 'x']], 400, 'invalid_multipart', /"file"/],
    ['with the file in another part', [['data', file()]], 400, 'invalid_multipart', /"data"/],
    [
      'with two files',
      [
        ['file', file()],
        ['file', file()],
      ],
      400,
      'invalid_multipart',
      /no further file, got "file"/,
    ],
    ['with a file that is a field', [['file', tiny]], 400, 'invalid_multipart', /file name/],
    [
      'with an unknown field',
      [
        ['nme', 'x'],
        ['file', file()],
      ],
      400,
      'invalid_request',
      /"name"/,
    ],
    [
      'with a field that is too long',
      [['name', 'x'.repeat(5000)]],
      400,
      'invalid_multipart',
      /4096/,
    ],
    ['of no known type', [['file', file('data', 'x/y')]], 415, 'unsupported_media_type', /csv/],
    [
      'with a broken file',
      [['file', file('a.csv', 'text/csv', 'a,b\n1\n')]],
      422,
      'invalid_dataset',
      /^Row 1/,
    ],
  ] as const)('%s is refused, and nothing is stored', async (_, parts, status, code, detail) => {
    const { rows } = await store.db.query('SELECT count(*)::int AS n FROM blobs')
    const answer = await sendForm(parts)

    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ code, detail: expect.stringMatching(detail) })
    const after = await store.db.query('SELECT count(*)::int AS n FROM blobs')
    expect(after.rows).toEqual(rows)
  })

  test.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    [
      'that is cut off',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n1,2\r\n',
    ],
    ['that is something else', 'multipart/form-data; boundary=b', 'a,b\n1,2\n'],
    ['of no parts', 'multipart/form-data; boundary=b', '--b--\r\n'],
    ['that is empty', 'multipart/form-data; boundary=b', ''],
    [
      'with a part named like a prototype',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--\r\n',
    ],
  ])('400: a body %s', async (_, type, body) => {
    const answer = await call('POST', '/v1/datasets', body, { headers: { 'content-type': type } })

    expect(answer.statusCode).toBe(400)
    expect(answer.json().code).toBe('invalid_multipart')
  })

  test('the same form under one Idempotency-Key is stored once, whatever its boundary', async () => {
    const send = async (content: string, fields: Record<string, string> = {}) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      body.append('file', file('a.csv', 'text/csv', content))
      const headers = { authorization: `Bearer ${keys.project}`, 'idempotency-key': 'form' }
      const answer = await fetch(`${origin}/v1/datasets`, { method: 'POST', body, headers })
      return {
        replayed: answer.headers.get('idempotency-replayed'),
        body: jsonOf(await answer.text()),
      }
    }
    const first = await send(tiny)
    const again = await send(tiny)

    expect(again).toEqual({ replayed: 'true', body: first.body })
    for (const other of [
      await send(`${tiny}2,c\n`),
      await send(tiny, { name: 'b' }),
      await send(tiny, { label: 'a:b' }),
      await send(tiny, { format: 'text' }),
    ]) {
      expect(other.body.code).toBe('idempotency_mismatch')
    }
  })
})
