/** @file Images and their labels over HTTP: two IDX files in a form, a job on them, a prediction. */
import { gzipSync } from 'node:zlib'

import { afterAll, describe, expect, test } from 'vitest'

import { createThreadPool } from '../../src/threads/pool.ts'
import { brightEnds, idxFile, joined } from '../support/idx.ts'
import { testApi, testLimits } from './support/api.ts'
import { trainedJob } from './support/trained-job.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool, limits: { ...testLimits, dataset_bytes: 3_000_000 } })
const { call, keys, listen, store } = api
const origin = await listen()

const { images, labels } = brightEnds(60)
const both = joined(images, labels)
const gzipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))

type FormPart = readonly [name: string, content: string | Uint8Array<ArrayBuffer>]

/** Of an answer: its shape is what the test is about. */
const jsonOf = (text: string) => JSON.parse(text)

async function sendFile(file: Uint8Array<ArrayBuffer>, type: string, query = '') {
  const headers = { authorization: `Bearer ${keys.project}`, 'content-type': type }
  const url = `${origin}/v1/datasets${query}`
  const answer = await fetch(url, { method: 'POST', body: file, headers })
  return { status: answer.status, body: jsonOf(await answer.text()) }
}

async function sendForm(parts: readonly FormPart[], headers: Record<string, string> = {}) {
  const body = new FormData()
  for (const [name, content] of parts) {
    body.append(name, typeof content === 'string' ? content : new File([content], `${name}-ubyte`))
  }
  const authorization = `Bearer ${keys.project}`
  const answer = await fetch(`${origin}/v1/datasets`, {
    method: 'POST',
    body,
    headers: { authorization, ...headers },
  })
  return { status: answer.status, headers: answer.headers, body: jsonOf(await answer.text()) }
}

async function countBlobs(): Promise<number> {
  const { rows } = await store.db.query('SELECT count(*)::int AS n FROM blobs')
  return rows[0].n
}

describe('an upload', () => {
  test.each([
    ['as they are', images, labels],
    ['as MNIST is distributed, by gzip', gzipped(images), gzipped(labels)],
    ['one of them by gzip', images, gzipped(labels)],
  ])('201: two files, %s', async (_name, first, second) => {
    const { status, body } = await sendForm([
      ['name', 'ends'],
      ['images', first],
      ['label', 'set:training'],
      ['labels', second],
      ['label', 'by:me'],
    ])

    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'ends',
      labels: { set: 'training', by: 'me' },
      format: 'idx',
      kind: 'images',
      rows: 60,
      shape: [1, 2, 3],
      classes: ['3', '7'],
      class_counts: [40, 20],
      bytes: both.length,
      columns: null,
      characters: null,
    })
    const read = await call('GET', `/v1/datasets/${body.id}`)
    expect(read.json()).toEqual(body)
    const content = await call('GET', `/v1/datasets/${body.id}/content`)
    expect(content.headers['content-type']).toBe('application/x-idx')
    expect(new Uint8Array(content.rawPayload)).toEqual(both)
    expect((await call('GET', `/v1/datasets/${body.id}/rows`)).json().data).toEqual([])
  })

  test('201: one file as it is downloaded, images and then labels', async () => {
    const { status, body } = await sendFile(both, 'application/x-idx')

    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'images', rows: 60 })
  })

  test('the same form under one Idempotency-Key is stored once, compressed or not', async () => {
    const key = { 'idempotency-key': 'images' }
    const first = await sendForm(
      [
        ['images', images],
        ['labels', labels],
      ],
      key,
    )
    const again = await sendForm(
      [
        ['images', gzipped(images)],
        ['labels', labels],
      ],
      key,
    )

    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
  })

  const tooMany = idxFile([60, 2, 3], new Uint8Array(60 * 6 + 1))
  const bomb = gzipSync(joined(idxFile([10, 2, 3], []), new Uint8Array(50_000_000)))
  const large = gzipped(idxFile([1000, 100, 100], new Uint8Array(10_000_000)))
  const cut = (bytes: Uint8Array) => new Uint8Array(bytes.subarray(0, bytes.length - 9))

  test.each<[string, readonly FormPart[], number, string, RegExp]>([
    [
      'no labels',
      [['images', images]],
      400,
      'invalid_multipart',
      /"labels" after "images", got none/,
    ],
    [
      'labels first',
      [
        ['labels', labels],
        ['images', images],
      ],
      400,
      'invalid_multipart',
      /got "labels"/,
    ],
    [
      'two files of images',
      [
        ['images', images],
        ['images', images],
      ],
      400,
      'invalid_multipart',
      /got "images"/,
    ],
    [
      'a third file',
      [
        ['images', images],
        ['labels', labels],
        ['labels', labels],
      ],
      400,
      'invalid_multipart',
      /limit/,
    ],
    [
      'images that are no file',
      [['images', 'x']],
      400,
      'invalid_multipart',
      /"images" has no file name/,
    ],
    [
      'another format',
      [
        ['format', 'csv'],
        ['images', images],
        ['labels', labels],
      ],
      400,
      'invalid_multipart',
      /not csv/,
    ],
    [
      'images for labels',
      [
        ['images', images],
        ['labels', images],
      ],
      422,
      'invalid_dataset',
      /^The labels are no IDX file/,
    ],
    [
      'text for images',
      [
        ['images', new Uint8Array(Buffer.from('a,b'))],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /^The part "images": expected a header, got 3 bytes/,
    ],
    [
      'too few pixels',
      [
        ['images', cut(images)],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /^The part "images": expected 376 bytes, as the header says, got 367/,
    ],
    [
      'too many',
      [
        ['images', tooMany],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /^The part "images": .* got more than 376 bytes/,
    ],
    [
      'too few labels',
      [
        ['images', images],
        ['labels', cut(labels)],
      ],
      422,
      'invalid_dataset',
      /^The part "labels": expected 68 bytes/,
    ],
    [
      'another number of labels',
      [
        ['images', images],
        ['labels', idxFile([2], [1, 2])],
      ],
      422,
      'invalid_dataset',
      /^There are 60 images, but 2 labels/,
    ],
    [
      'gzip that is cut off',
      [
        ['images', cut(gzipped(images))],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /^The part "images" cannot be decompressed/,
    ],
    [
      'gzip that is broken',
      [
        ['images', joined(gzipped(images).subarray(0, 12), Uint8Array.of(255, 255, 255, 255, 255))],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /cannot be decompressed/,
    ],
    [
      'a small file that stands for a large one',
      [
        ['images', new Uint8Array(bomb)],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /got more than 76 bytes/,
    ],
    [
      'more than may be stored',
      [
        ['images', large],
        ['labels', labels],
      ],
      413,
      'payload_too_large',
      /dataset_bytes/,
    ],
    [
      'sizes that no file can have',
      [
        ['images', idxFile([0x7fffffff, 0x7fffffff, 0x7fffffff], [])],
        ['labels', labels],
      ],
      422,
      'invalid_dataset',
      /2147483647 × 2147483647/,
    ],
  ])('%s is refused, and nothing is stored', async (_name, parts, status, code, detail) => {
    const before = await countBlobs()
    const answer = await sendForm(parts)

    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status,
      code,
      detail: expect.stringMatching(detail),
    })
    expect(await countBlobs()).toBe(before)
  })

  test.each([
    ['images alone', images, /^There are images but no labels\. Send a form/],
    ['gzip', gzipped(images), /which is gzip; .* parts of a form/],
  ])('422: a single file of %s, with a hint', async (_name, file, detail) => {
    const { status, body } = await sendFile(file, 'application/octet-stream', '?format=idx')

    expect(status).toBe(422)
    expect(body.detail).toMatch(detail)
  })
})

describe('a job on images', async () => {
  const { body } = await sendForm([
    ['images', images],
    ['labels', labels],
  ])
  const aJob = {
    dataset: body.id,
    model: { type: 'mlp', hidden: [8] },
    training: {
      epochs: 30,
      batch_size: 8,
      optimizer: { type: 'adam', learning_rate: 0.01 },
      validation: { fraction: 0.2 },
    },
  }

  test('needs no target, and predicts from pixels', async () => {
    const id = await trainedJob(api, pool, aJob)
    const job = (await call('GET', `/v1/jobs/${id}`)).json()

    expect(job.spec).not.toHaveProperty('features')
    expect(job.metrics.validation_accuracy).toBe(1)
    const rows = [{ pixels: [220, 20, 20, 220, 20, 20] }, { pixels: [20, 220, 220, 20, 220, 220] }]
    const answer = await call('POST', `/v1/jobs/${id}/predict`, { rows })
    expect(answer.json().data).toMatchObject([{ label: '3' }, { label: '7' }])

    const wrong = { rows: [{ pixels: [220, 20] }] }
    const refused = await call('POST', `/v1/jobs/${id}/predict`, wrong)
    expect(refused.statusCode).toBe(422)
    expect(refused.json().errors[0].pointer).toBe('/rows/0/pixels')
    for (const wrong of [256, -1, 'x', null]) {
      const rows = [{ pixels: [0, 0, 0, 0, 0, wrong] }]
      const refused = await call('POST', `/v1/jobs/${id}/predict`, { rows })
      expect(refused.statusCode).toBe(400)
      expect(refused.json().errors[0].pointer).toMatch(/^\/rows\/0\/pixels/)
    }
  })

  test('422: a target, which images have already', async () => {
    const answer = await call('POST', '/v1/plans', { ...aJob, target: { column: 'y' } })

    expect(answer.statusCode).toBe(422)
    expect(answer.json().errors[0]).toMatchObject({ pointer: '/target', code: 'no_columns' })
  })
})
