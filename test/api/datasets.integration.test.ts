import { readFileSync } from 'node:fs'

import { afterAll, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { countDatasetBytes } from '../../src/store/dataset-bytes.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi, testLimits } from './support/api.ts'
import { aJobOn, aJobThatIs } from './support/jobs.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool, limits: { ...testLimits, dataset_bytes: 1_000_000 } })
const { call, keys, projectId, neighborId, store } = api

const iris = readFileSync('examples/data/iris.csv', 'utf8')
const asCsv = { headers: { 'content-type': 'text/csv' } }
const tiny = 'x,y\n0,a\n1,b\n'

async function uploaded(content = tiny, query = '') {
  const answer = await call('POST', `/v1/datasets${query}`, content, asCsv)
  expect(answer.statusCode).toBe(201)
  return answer.json()
}

async function countRows(table: 'datasets' | 'blobs' | 'blob_chunks'): Promise<number> {
  const { rows } = await store.db.query(`SELECT count(*)::int AS n FROM ${table}`)
  return rows[0].n
}

describe('POST', () => {
  test('201: a CSV is stored as it came, and its columns are known', async () => {
    const answer = await call('POST', '/v1/datasets?name=iris&label=team:ml', iris, asCsv)

    expect(answer.statusCode).toBe(201)
    const dataset = answer.json()
    expect(answer.headers.location).toBe(`/v1/datasets/${dataset.id}`)
    expect(dataset).toMatchObject({
      object: 'dataset',
      name: 'iris',
      labels: { team: 'ml' },
      format: 'csv',
      kind: 'table',
      bytes: iris.length,
      rows: 150,
      characters: null,
      columns: [
        { name: 'sepal_length', type: 'numeric' },
        { name: 'sepal_width', type: 'numeric' },
        { name: 'petal_length', type: 'numeric' },
        { name: 'petal_width', type: 'numeric' },
        { name: 'species', type: 'categorical', distinct: 3 },
      ],
    })
    expect((await call('GET', `/v1/datasets/${dataset.id}`)).json()).toEqual(dataset)
  })

  test.each([
    ['application/x-ndjson', '{"x":1}\n{"x":2}\n', 'jsonl', 2],
    ['application/json', '[{"x":1},{"x":2},{"x":3}]', 'json', 3],
    ['Text/CSV; charset=utf-8', tiny, 'csv', 2],
    ['application/jsonl', '{"x":1}', 'jsonl', 1],
  ])('201: %s', async (type, content, format, rows) => {
    const headers = { 'content-type': type }
    const answer = await call('POST', '/v1/datasets', content, { headers })

    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ format, rows, kind: 'table' })
  })

  test('201: plain text has characters and no rows', async () => {
    const headers = { 'content-type': 'text/plain' }
    const answer = await call('POST', '/v1/datasets', 'to be\nor not 🙂\n', { headers })

    expect(answer.statusCode).toBe(201)
    const counts = { characters: 15, vocabulary: 9 }
    expect(answer.json()).toMatchObject({ kind: 'text', rows: null, columns: null, ...counts })
  })

  test('201: a file of no particular type, when the query says what it is', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await call('POST', '/v1/datasets?format=csv', tiny, { headers })

    expect(answer.statusCode).toBe(201)
    expect(answer.json().format).toBe('csv')
  })

  test('201: what the query says goes before the type', async () => {
    const answer = await call('POST', '/v1/datasets?format=text', tiny, asCsv)

    expect(answer.json()).toMatchObject({ format: 'text', kind: 'text' })
  })

  test.each([
    ['application/octet-stream'],
    ['application/xml'],
    ['application/x-www-form-urlencoded'],
  ])('415: %s, and the answer names what is read', async (type) => {
    const headers = { 'content-type': type }
    const answer = await call('POST', '/v1/datasets', tiny, { headers })

    expect(answer.statusCode).toBe(415)
    for (const each of ['text/csv', 'application/x-ndjson', 'application/json', 'text/plain']) {
      expect(answer.json().detail).toContain(each)
    }
  })

  test('415: neither a body nor a type', async () => {
    const answer = await call('POST', '/v1/datasets')

    expect(answer.statusCode).toBe(415)
  })

  test('415: a compressed file', async () => {
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' }
    const answer = await call('POST', '/v1/datasets', tiny, { headers })

    expect(answer.statusCode).toBe(415)
    expect(answer.json().detail).toContain('gzip')
  })

  test.each([
    ['an empty file', '', /empty|no rows|nothing/i],
    ['a ragged row', 'a,b\n1,2\n3,4,5\n', /^Row 2.*3/],
    ['a header without rows', 'a,b\n', /row/i],
    ['a column twice', 'a,a\n1,2\n', /"a"/],
    ['bytes that are no text', 'a\n\u0000\n', /row 1/i],
  ])('422: %s, and nothing is stored', async (_, content, detail) => {
    const before = await countRows('blob_chunks')
    const answer = await call('POST', '/v1/datasets', content, asCsv)

    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({
      code: 'invalid_dataset',
      detail: expect.stringMatching(detail),
    })
    expect(await countRows('blob_chunks')).toBe(before)
  })

  test('422: JSON Lines with a broken line say which', async () => {
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await call('POST', '/v1/datasets', '{"x":1}\n{"x":\n', { headers })

    expect(answer.statusCode).toBe(422)
    expect(answer.json().detail).toMatch(/^Row 2/)
  })

  test('413: a file that says it is too large is not read', async () => {
    const answer = await call('POST', '/v1/datasets', `x\n${'1\n'.repeat(600_000)}`, asCsv)

    expect(answer.statusCode).toBe(413)
    expect(answer.json()).toMatchObject({
      code: 'payload_too_large',
      detail: expect.stringContaining('1000000'),
    })
  })

  test('400: labels and names that are none', async () => {
    for (const query of [
      'label=x',
      'label=a%20b:c',
      `label=a:${'x'.repeat(201)}`,
      'name=',
      'nme=x',
    ]) {
      const answer = await call('POST', `/v1/datasets?${query}`, tiny, asCsv)
      expect(answer.statusCode, query).toBe(400)
      expect(answer.json().errors[0].pointer, query).toMatch(/^\/query\/(label|n)/)
    }
  })

  test('401 without a key, and nothing is stored', async () => {
    const before = await countRows('datasets')
    const answer = await call('POST', '/v1/datasets', tiny, { ...asCsv, key: null })

    expect(answer.statusCode).toBe(401)
    expect(await countRows('datasets')).toBe(before)
  })
})

describe('POST with an Idempotency-Key', () => {
  const withKey = (key: string) => ({
    headers: { 'content-type': 'text/csv', 'idempotency-key': key },
  })

  test('sent twice, stored once', async () => {
    const first = await call('POST', '/v1/datasets?name=a', tiny, withKey('twice'))
    const before = await countRows('blobs')
    const second = await call('POST', '/v1/datasets?name=a', tiny, withKey('twice'))

    expect(second.statusCode).toBe(201)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.headers.location).toBe(first.headers.location)
    expect(second.json()).toEqual(first.json())
    expect(await countRows('blobs')).toBe(before)
  })

  test('sent again when it was deleted meanwhile: 404, and nothing is stored', async () => {
    const first = await call('POST', '/v1/datasets', tiny, withKey('deleted'))
    await call('DELETE', `/v1/datasets/${first.json().id}`)
    const before = await countRows('datasets')
    const second = await call('POST', '/v1/datasets', tiny, withKey('deleted'))

    expect(second.statusCode).toBe(404)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.json().code).toBe('dataset_not_found')
    expect(await countRows('datasets')).toBe(before)
  })

  test.each([
    ['another file', '/v1/datasets', `${tiny}2,c\n`],
    ['another name', '/v1/datasets?name=b', tiny],
    ['another format', '/v1/datasets?format=text', tiny],
  ])('422: %s under the same key', async (what, url, content) => {
    await call('POST', '/v1/datasets', tiny, withKey(`other ${what}`.replaceAll(' ', '-')))
    const answer = await call('POST', url, content, withKey(`other ${what}`.replaceAll(' ', '-')))

    expect(answer.statusCode).toBe(422)
    expect(answer.json().code).toBe('idempotency_mismatch')
  })

  test('a refused file leaves the key free for a better one', async () => {
    const refused = await call('POST', '/v1/datasets', 'a,b\n1\n', withKey('free'))
    expect(refused.statusCode).toBe(422)

    const answer = await call('POST', '/v1/datasets', tiny, withKey('free'))
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['idempotency-replayed']).toBeUndefined()
  })
})

describe('GET', () => {
  test('200: lists by name and by labels, newest first', async () => {
    const one = await uploaded(tiny, '?name=listed&label=tier:gold&label=team:a')
    const two = await uploaded(tiny, '?name=listed&label=tier:gold&label=team:b')

    const idsOf = async (query: string) =>
      (await call('GET', `/v1/datasets?${query}`)).json().data.map(({ id }: { id: string }) => id)
    expect(await idsOf('name=listed')).toEqual([two.id, one.id])
    expect(await idsOf('label=tier:gold&order=asc')).toEqual([one.id, two.id])
    expect(await idsOf('label=tier:gold&label=team:b')).toEqual([two.id])
    expect(await idsOf('label=team:c')).toEqual([])
  })

  test('200: a list says what is short, and leaves columns, classes and warnings out', async () => {
    const columns = Array.from({ length: 1_000 }, (_, i) => `column_${i}`).join()
    const table = await uploaded(`${columns}\n${columns}\n`, '?label=of:kinds')
    const headers = { 'content-type': 'text/plain' }
    const text = (await call('POST', '/v1/datasets?label=of:kinds', 'abab', { headers })).json()
    const answer = await call('GET', '/v1/datasets?label=of:kinds&order=asc')

    expect(answer.json().data).toEqual(
      [table, text].map(({ columns, classes, class_counts, warnings, ...summary }) => summary),
    )
    expect(answer.json().data).toMatchObject([
      { kind: 'table', rows: 1, vocabulary: null },
      { kind: 'text', rows: null, characters: 4, vocabulary: 2 },
    ])
    expect(answer.rawPayload.length).toBeLessThan(2_000)
  })

  test('200: pages lead through all of them', async () => {
    const { data } = (await call('GET', '/v1/datasets?limit=200')).json()
    const first = (await call('GET', '/v1/datasets?limit=2')).json()
    const second = (await call('GET', `/v1/datasets?limit=2&after=${first.last_id}`)).json()

    expect([...first.data, ...second.data]).toEqual(data.slice(0, 4))
    expect(first.has_more).toBe(true)
  })

  test('200: the profile, as it stands in the dataset', async () => {
    const { id, columns } = await uploaded(iris)
    const answer = await call('GET', `/v1/datasets/${id}/profile`)

    expect(answer.json()).toEqual({ kind: 'table', rows: 150, columns, warnings: [] })
  })

  test('200: the first rows', async () => {
    const { id } = await uploaded(iris)
    const answer = await call('GET', `/v1/datasets/${id}/rows?limit=2`)

    expect(answer.json()).toEqual({
      object: 'rows',
      columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species'],
      data: [
        [5.1, 3.5, 1.4, 0.2, 'setosa'],
        [4.9, 3, 1.4, 0.2, 'setosa'],
      ],
    })
    expect((await call('GET', `/v1/datasets/${id}/rows`)).json().data).toHaveLength(10)
    expect((await call('GET', `/v1/datasets/${id}/rows?limit=101`)).statusCode).toBe(400)
  })

  test('200: names of columns are data, whatever they look like', async () => {
    const { id, columns } = await uploaded('__proto__,constructor\n1,2\n')

    expect(columns).toMatchObject([{ name: '__proto__' }, { name: 'constructor' }])
    expect((await call('GET', `/v1/datasets/${id}/rows`)).json().data).toEqual([[1, 2]])
  })

  test("404: another project's dataset, and one that is not there, look the same", async () => {
    const { id } = await uploaded()
    for (const path of ['', '/profile', '/rows', '/content']) {
      const neighbors = await call('GET', `/v1/datasets/${id}${path}`, undefined, {
        key: keys.neighbor,
      })
      expect(neighbors.statusCode, path).toBe(404)
      expect(neighbors.json().code, path).toBe('dataset_not_found')
      const nobodys = await call('GET', `/v1/datasets/${newId('dataset')}${path}`)
      expect(nobodys.json().code, path).toBe('dataset_not_found')
    }
    const list = await call('GET', '/v1/datasets', undefined, { key: keys.neighbor })
    expect(list.json().data).toEqual([])
  })
})

describe('DELETE', () => {
  test('204: the dataset and its bytes are gone', async () => {
    const { id } = await uploaded()
    const [blobs, chunks] = [await countRows('blobs'), await countRows('blob_chunks')]
    const answer = await call('DELETE', `/v1/datasets/${id}`)

    expect(answer.statusCode).toBe(204)
    expect((await call('GET', `/v1/datasets/${id}`)).statusCode).toBe(404)
    expect(await countRows('blobs')).toBe(blobs - 1)
    expect(await countRows('blob_chunks')).toBe(chunks - 1)
    expect((await call('DELETE', `/v1/datasets/${id}`)).statusCode).toBe(404)
  })

  test('404: not in another project', async () => {
    const { id } = await uploaded()
    const answer = await call('DELETE', `/v1/datasets/${id}`, undefined, { key: keys.neighbor })

    expect(answer.statusCode).toBe(404)
    expect((await call('GET', `/v1/datasets/${id}`)).statusCode).toBe(200)
  })

  test('409 while an unfinished job uses it, 204 after', async () => {
    const { id: dataset } = await uploaded('a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n')
    const { id: job } = await aJobThatIs(api, 'queued', dataset)
    const answer = await call('DELETE', `/v1/datasets/${dataset}`)

    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({
      code: 'dataset_in_use',
      detail: expect.stringContaining(job),
    })
    await call('POST', `/v1/jobs/${job}/cancel`)
    expect((await call('DELETE', `/v1/datasets/${dataset}`)).statusCode).toBe(204)
  })
})

test('quota_exceeded: what the project holds counts, and what a neighbor holds does not', async () => {
  const used = await countDatasetBytes(store.db, projectId)
  const room = testLimits.datasets_bytes_total - used - 10
  const fill = `UPDATE datasets SET bytes = bytes + $2 WHERE id = (
    SELECT id FROM datasets WHERE project_id = $1 LIMIT 1)`
  await store.db.query(fill, [projectId, room])

  const answer = await call('POST', '/v1/datasets', tiny, asCsv)
  expect(answer.statusCode).toBe(422)
  expect(answer.json()).toMatchObject({
    code: 'quota_exceeded',
    detail: expect.stringContaining(String(testLimits.datasets_bytes_total)),
  })
  const neighbors = await call('POST', '/v1/datasets', tiny, { ...asCsv, key: keys.neighbor })
  expect(neighbors.statusCode).toBe(201)
  expect(await countDatasetBytes(store.db, neighborId)).toBe(tiny.length)
  await store.db.query(fill, [projectId, -room])
})

const tooWide = Object.fromEntries(
  Array.from({ length: testLimits.dataset_columns + 1 }, (_, i) => [`c${i}`, i]),
)

test.each(['/v1/jobs', '/v1/plans'])(
  'rows that %s cannot read are pointed at, and nothing is stored',
  async (url) => {
    const before = await countRows('blobs')
    const answer = await call('POST', url, aJobOn({ rows: [tooWide] }))

    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({
      code: 'invalid_dataset',
      errors: [{ pointer: '/dataset/rows' }],
    })
    expect(await countRows('blobs')).toBe(before)
  },
)
