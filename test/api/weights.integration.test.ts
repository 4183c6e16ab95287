import { createHash } from 'node:crypto'

import { afterAll, describe, expect, test, vi } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { WeightsDocument } from '../../src/contract/weights.ts'
import { decodeSafetensors } from '../../src/engine/index.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi } from './support/api.ts'
import { aJobThatIs, storeTable } from './support/jobs.ts'
import { trainedJob, xorJob } from './support/trained-job.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool })
const { call, keys, listen, projectId, store } = api

const jobId = await trainedJob(api, pool, xorJob)
const url = `/v1/jobs/${jobId}/weights`
const whole = (await call('GET', url)).rawPayload
const tag = `"sha256:${createHash('sha256').update(whole).digest('hex')}"`

const get = (headers: Record<string, string> = {}, query = '') =>
  call('GET', `${url}${query}`, undefined, { headers })

describe('safetensors', () => {
  test('200: the file, named by its hash, as the job says', async () => {
    const answer = await get()

    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(whole.length),
      'content-disposition': `attachment; filename="${jobId}.safetensors"`,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag: tag,
    })
    const { weights } = (await call('GET', `/v1/jobs/${jobId}`)).json()
    expect(`"sha256:${weights.sha256}"`).toBe(tag)
    expect(weights.bytes).toBe(whole.length)
    const { tensors } = decodeSafetensors(new Uint8Array(whole))
    expect(Object.values(tensors).map(({ shape }) => shape)).toEqual([[8, 2], [8], [1, 8], [1]])
  })

  test('HEAD 200: the same headers, and no body', async () => {
    const { headers } = await get()
    const readBlob = vi.spyOn(store, 'readBlob')
    const head = await call('HEAD', url, undefined, { headers: { range: 'bytes=0-3' } })

    expect(head.statusCode).toBe(200)
    expect(head.body).toBe('')
    for (const name of ['content-type', 'content-length', 'etag', 'accept-ranges']) {
      expect(head.headers[name], name).toBe(headers[name])
    }
    expect(readBlob).not.toHaveBeenCalled()
    readBlob.mockRestore()
  })

  test.each([[tag], [`W/${tag}`], [`"other", ${tag}`], ['*']])(
    '304: the client has it (%s)',
    async (known) => {
      const answer = await get({ 'if-none-match': known })

      expect(answer.statusCode).toBe(304)
      expect(answer.body).toBe('')
      expect(answer.headers.etag).toBe(tag)
    },
  )

  test('200: the client has something else', async () => {
    expect((await get({ 'if-none-match': '"sha256:0"' })).statusCode).toBe(200)
  })

  test.each([
    ['bytes=0-7', 0, 8],
    ['bytes=8-', 8, whole.length],
    ['bytes=-5', whole.length - 5, whole.length],
    [`bytes=3-${whole.length * 9}`, 3, whole.length],
  ])('206: %s', async (range, start, end) => {
    const answer = await get({ range })

    expect(answer.statusCode).toBe(206)
    expect(answer.rawPayload).toEqual(whole.subarray(start, end))
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${whole.length}`)
    expect(answer.headers['content-length']).toBe(String(end - start))
  })

  test('206 where If-Range is the same file, 200 with all of it where it is not', async () => {
    const range = 'bytes=0-7'
    expect((await get({ range, 'if-range': tag })).statusCode).toBe(206)
    for (const other of ['"sha256:0"', `W/${tag}`, 'Tue, 24 Nov 2026 01:00:00 GMT']) {
      const answer = await get({ range, 'if-range': other })
      expect(answer.statusCode, other).toBe(200)
      expect(answer.rawPayload, other).toEqual(whole)
    }
  })

  test('416: outside the file, and the answer says how long it is', async () => {
    const answer = await get({ range: `bytes=${whole.length}-` })

    expect(answer.statusCode).toBe(416)
    expect(answer.json().code).toBe('range_not_satisfiable')
    expect(answer.headers['content-range']).toBe(`bytes */${whole.length}`)
  })

  test('parts put together are the whole, across chunks of the store', async () => {
    const content = Buffer.alloc(2_500_000, 'trainyard ')
    const dataset = await call('POST', '/v1/datasets', content.toString(), {
      headers: { 'content-type': 'text/plain' },
    })
    const parts: Buffer[] = []
    for (let start = 0; start < content.length; start += 700_001) {
      const range = `bytes=${start}-${start + 700_000}`
      const part = await call('GET', `/v1/datasets/${dataset.json().id}/content`, undefined, {
        headers: { range },
      })
      expect(part.statusCode).toBe(206)
      parts.push(part.rawPayload)
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true)
  })

  test('a client that goes away in the middle gives its connection to the database back', async () => {
    const content = 'trainyard '.repeat(900_000)
    const headers = { 'content-type': 'text/plain' }
    const dataset = (await call('POST', '/v1/datasets', content, { headers })).json()
    const origin = await listen()
    for (let i = 0; i < 20; i++) {
      const abort = new AbortController()
      const answer = await fetch(`${origin}/v1/datasets/${dataset.id}/content`, {
        headers: { authorization: `Bearer ${keys.project}` },
        signal: abort.signal,
      })
      await answer.body?.getReader().read()
      abort.abort()
    }

    expect((await call('GET', `/v1/datasets/${dataset.id}`)).statusCode).toBe(200)
    expect(store.connections().bulk.waiting).toBe(0)
  })
})

describe('JSON', () => {
  test('200: every number, shape and name of the file', async () => {
    const answer = await get({}, '?format=json')

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['content-disposition']).toContain(`${jobId}.json`)
    const document = WeightsDocument.parse(answer.json())
    const { tensors } = decodeSafetensors(new Uint8Array(whole))
    expect(document.tensors).toEqual(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, data }]) => [
          name,
          { shape: [...shape], data: [...data] },
        ]),
      ),
    )
    expect(document).toMatchObject({
      job: jobId,
      metadata: { task: 'classification', classes: '["no","yes"]' },
      preprocessing: { inputs: 2, target: { classes: ['no', 'yes'] } },
    })
  })

  test('304 under a tag of its own: it is another form of the file', async () => {
    const { etag } = (await get({}, '?format=json')).headers
    expect(etag).not.toBe(tag)

    const answer = await get({ 'if-none-match': String(etag) }, '?format=json')
    expect(answer.statusCode).toBe(304)
    expect((await get({ 'if-none-match': tag }, '?format=json')).statusCode).toBe(200)
  })

  test('HEAD 200 without writing any of it', async () => {
    const readBlob = vi.spyOn(store, 'readBlob')
    const head = await call('HEAD', `${url}?format=json`)

    expect(head.statusCode).toBe(200)
    expect(head.body).toBe('')
    expect(readBlob).not.toHaveBeenCalled()
    readBlob.mockRestore()
  })

  test('406: larger than is written as JSON', async () => {
    const change = 'UPDATE weights SET bytes = $2 WHERE job_id = $1'
    await store.db.query(change, [jobId, 64 * 1024 * 1024 + 1])
    const answer = await get({}, '?format=json')
    await store.db.query(change, [jobId, whole.length])

    expect(answer.statusCode).toBe(406)
    expect(answer.json()).toMatchObject({
      code: 'not_acceptable',
      detail: expect.stringContaining('safetensors'),
    })
  })
})

describe('without weights', () => {
  test.each(['queued', 'running'] as const)('409 while the job is %s', async (status) => {
    const { id } = await aJobThatIs(api, status, await storeTable(api, projectId))
    const answer = await call('GET', `/v1/jobs/${id}/weights`)

    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({
      code: 'job_not_ready',
      detail: expect.stringContaining(status),
    })
    expect((await call('HEAD', `/v1/jobs/${id}/weights`)).statusCode).toBe(409)
  })

  test.each(['failed', 'cancelled'] as const)('404 once the job has %s', async (status) => {
    const { id } = await aJobThatIs(api, status, await storeTable(api, projectId))
    const answer = await call('GET', `/v1/jobs/${id}/weights`)

    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({
      code: 'weights_not_found',
      detail: expect.stringContaining(status),
    })
  })

  test("404: another project's job, and one that is not there", async () => {
    const neighbors = await call('GET', url, undefined, { key: keys.neighbor })
    expect(neighbors.statusCode).toBe(404)
    expect(neighbors.json().code).toBe('job_not_found')
    const nobodys = await call('GET', `/v1/jobs/${newId('job')}/weights`)
    expect(nobodys.json().code).toBe('job_not_found')
  })

  test('404 after the job was deleted', async () => {
    const id = await trainedJob(api, pool, xorJob)
    await call('DELETE', `/v1/jobs/${id}`)

    expect((await call('GET', `/v1/jobs/${id}/weights`)).statusCode).toBe(404)
  })

  test('400: a format that nobody writes', async () => {
    const answer = await get({}, '?format=onnx')

    expect(answer.statusCode).toBe(400)
    expect(answer.json().errors[0].pointer).toBe('/query/format')
  })
})
