/** @file Hostile files, uploaded one after another: each is stored, or refused with its place. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Problem } from '../../src/contract/problem.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi } from '../api/support/api.ts'
import { hostileFiles } from './generate/hostile-files.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const { keys, listen, store } = await testApi({ pool })

interface Outcome {
  readonly name: string
  readonly status: number
  readonly text: string
}
const files = hostileFiles()
const outcomes: Outcome[] = []
let grownBytes = 0

beforeAll(async () => {
  const origin = await listen()
  for (const [i, { name, mediaType, bytes }] of files.entries()) {
    const headers = { authorization: `Bearer ${keys.project}`, 'content-type': mediaType }
    const body = Buffer.from(bytes)
    const answer = await fetch(`${origin}/v1/datasets`, { method: 'POST', headers, body })
    outcomes.push({ name, status: answer.status, text: await answer.text() })
    if (i === 50) grownBytes = -process.memoryUsage.rss() // threads and code are warm by then
  }
  grownBytes += process.memoryUsage.rss()
})

test('there are some 300 of them', () => {
  expect(files.length).toBeGreaterThan(300)
})

test('each is stored or refused, and no refusal is the fault of the server', () => {
  const odd = outcomes.filter(({ status }) => ![201, 400, 413, 422].includes(status))
  expect(odd).toEqual([])
  const refused = outcomes.filter(({ status }) => status !== 201)
  expect(refused.length).toBeGreaterThan(100)
})

test('a refusal says where: the row, the column, the byte, or that it is the whole file', () => {
  for (const { name, status, text } of outcomes) {
    if (status !== 422) continue
    const { code, detail } = Problem.parse(JSON.parse(text))
    expect(code, name).toBe('invalid_dataset')
    expect(detail, name).toMatch(/row|line|column|file|images|labels|text|header/i)
  }
})

test('what was refused left nothing behind', async () => {
  const stored = outcomes.filter(({ status }) => status === 201).length
  const { rows } = await store.db.query(`SELECT
    (SELECT count(*) FROM datasets)::int AS datasets, (SELECT count(*) FROM blobs)::int AS blobs,
    (SELECT count(DISTINCT blob_id) FROM blob_chunks)::int AS with_chunks`)
  expect(rows[0]).toEqual({ datasets: stored, blobs: stored, with_chunks: stored })
})

test('memory stays flat, and every thread is free again', () => {
  expect(grownBytes).toBeLessThan(150 * 2 ** 20)
  expect(pool.free().threads).toBe(2)
})
