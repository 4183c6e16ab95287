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
