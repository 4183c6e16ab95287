import { afterAll, expect, test } from 'vitest'

import { startParsing } from '../../src/api/uploads/parse-session.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi } from './support/api.ts'
import { aJobOn, xorRows } from './support/jobs.ts'

const pool = createThreadPool({ threads: 1, memoryBytes: 1e9 })
afterAll(() => pool.stop({ force: true }))
const api = await testApi({ pool })

/** More than the store has connections for requests. */
const waiting = 14

test('jobs whose rows wait for a thread keep nobody from the database', async () => {
  const upload = startParsing(pool, { format: 'csv', maxColumns: 10, projectId: api.projectId })
  await upload.write(Buffer.from('x,y\n1,2\n'))
  let ended = 0
  const jobs = Array.from({ length: waiting }, () =>
    api.call('POST', '/v1/jobs', aJobOn({ rows: xorRows })).finally(() => {
      ended += 1
    }),
  )
  const read = await api.call('GET', '/v1/jobs', undefined, { key: api.keys.neighbor })
  expect(read.statusCode).toBe(200)
  expect(ended).toBe(0)

  upload.close()
  const answers = await Promise.all(jobs)
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(waiting).fill(202))
})

test.each(['/v1/plans', '/v1/jobs'])(
  '429 at %s: 512 requests of a project have rows that wait, and another goes on',
  async (url) => {
    const upload = startParsing(pool, { format: 'csv', maxColumns: 10, projectId: api.projectId })
    await upload.write(Buffer.from('x,y\n1,2\n'))
    const body = aJobOn({ rows: xorRows })
    const requests = Array.from({ length: 512 }, () => api.call('POST', url, body))
    await expect.poll(pool.waiting, { timeout: 20_000 }).toBe(512)

    const refused = await api.call('POST', url, body)
    expect(refused.statusCode).toBe(429)
    expect(refused.json().code).toBe('too_many_rows_waiting')
    const neighbor = api.call('POST', url, body, { key: api.keys.neighbor })
    await expect.poll(pool.waiting).toBe(513)

    upload.close()
    expect((await neighbor).statusCode).toBeLessThan(300)
    await Promise.all(requests)
    expect((await api.call('POST', '/v1/plans', body)).statusCode).toBe(200)
  },
  60_000,
)
