import { expect, test } from 'vitest'

import { testApi, testLimits } from './support/api.ts'
import { insertDataset } from './support/rows.ts'

const { call, createKey, keys, projectId, store } = await testApi()

test('GET 200: the limits, and what this project uses of them and no other', async () => {
  await insertDataset(store, projectId, { bytes: 70 })

  expect((await call('GET', '/v1/limits')).json()).toEqual({
    object: 'limits',
    limits: testLimits,
    usage: { datasets_bytes_total: 70, jobs_unfinished: 0, event_streams: 0 },
  })
  const neighbors = await call('GET', '/v1/limits', undefined, { key: keys.neighbor })
  expect(neighbors.json().usage.datasets_bytes_total).toBe(0)
})

test('GET 200: any scope of a project will do', async () => {
  const { secret } = await createKey({ projectId, scopes: ['predict'] })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(200)
})

test('GET 400: a parameter that is not known', async () => {
  const answer = await call('GET', '/v1/limits?project=x')
  expect(answer.statusCode).toBe(400)
  expect(answer.json().errors[0].pointer).toBe('/query/project')
})
