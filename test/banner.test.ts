import { expect, test } from 'vitest'

import { banner, type Started } from '../src/banner.ts'

const started: Started = {
  url: 'http://127.0.0.1:8080',
  statusUrl: null,
  role: 'all',
  queueBackend: 'redis',
  queueAnswers: true,
  redisUrl: 'redis://:secret@10.0.0.7:6379/1?password=secret',
  dataFolder: null,
  threads: 2,
  kernels: null,
  startedInMs: 1234,
  firstKey: null,
}

test('says that it is ready where everything answers', () => {
  expect(banner(started)).toMatch(/^Trainyard is ready \(1\.2 s\)\.\n/)
  expect(banner(started)).not.toContain('WARNING')
})

test.each(['all', 'api', 'worker'] as const)(
  'says which Redis does not answer and what that means, never its password: %s',
  (role) => {
    const text = banner({ ...started, role, queueAnswers: false })
    expect(text).not.toContain('is ready')
    expect(text).toContain('Redis at redis://10.0.0.7:6379/1 (REDIS_URL) does not answer')
    expect(text).toContain('Jobs are accepted and wait')
    expect(text).not.toContain('secret')
  },
)
