import { expect, test } from 'vitest'

import { testApi, testLimits } from './support/api.ts'

const { call, keys } = await testApi({ limits: { ...testLimits, requests_per_minute: 5 } })

test('429 after as many requests as the limit says, for this key and no other', async () => {
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
      /^This key may send 5 requests a minute; it may go on in \d+ s\.$/,
    ),
  })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)

  const neighbors = await call('GET', '/v1/limits', undefined, { key: keys.neighbor })
  expect(neighbors.statusCode).toBe(200)
})

test('what needs no key is not counted', async () => {
  for (let i = 0; i < 10; i++) {
    expect((await call('GET', '/livez', undefined, { key: null })).statusCode).toBe(200)
  }
})
