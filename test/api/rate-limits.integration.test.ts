import { expect, test } from 'vitest'

import { testApi, testLimits } from './support/api.ts'

const { call, createKey, keys, neighborId, projectId } = await testApi({
  limits: { ...testLimits, requests_per_minute: 5 },
})

test('429 after as many requests as the limit says, for all keys of this project and no other', async () => {
  for (let left = 4; left >= 0; left--) {
    const answer = await call('GET', '/v1/limits')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['ratelimit-limit']).toBe('5')
    expect(answer.headers['ratelimit-remaining']).toBe(String(left))
  }
  const answer = await call('GET', '/v1/limits')
  expect(answer.statusCode).toBe(429)
  expect(answer.json()).toMatchObject({
    code: 'rate_limited',
    detail: expect.stringMatching(
      /^This project may send 5 requests a minute \(requests_per_minute\); it may go on in \d+ s\.$/,
    ),
  })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)

  const { secret } = await createKey({ projectId })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(429)
  const neighbors = await call('GET', '/v1/limits', undefined, { key: keys.neighbor })
  expect(neighbors.statusCode).toBe(200)
})

test('what needs no key is not counted', async () => {
  for (let i = 0; i < 10; i++) {
    expect((await call('GET', '/livez', undefined, { key: null })).statusCode).toBe(200)
  }
})

test('a project that may send more does, as soon as its limit has changed', async () => {
  const limits = { requests_per_minute: 8 }
  const asAdmin = { key: keys.admin }
  await call('PATCH', `/v1/projects/${neighborId}`, { limits }, asAdmin)
  const statuses: number[] = []
  for (let i = 0; i < 8; i++) {
    const answer = await call('GET', '/v1/limits', undefined, { key: keys.neighbor })
    statuses.push(answer.statusCode)
  }

  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 429]) // one was sent before
})
