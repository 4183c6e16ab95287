import { expect, test } from 'vitest'

import { createQuota } from '../../src/store/quota.ts'

test('who waits for the count of a request that failed counts anew, once for all of them', async () => {
  const counted: string[] = []
  let fail: (error: Error) => void = () => {}
  const quota = createQuota<string>({
    count(_owner, source) {
      counted.push(source)
      if (source !== 'leaves') return Promise.resolve(3)
      return new Promise((_resolve, reject) => {
        fail = reject
      })
    },
    rememberedMs: 1_000,
    refusal: (limit, used) =>
      Object.assign(new Error(`${used} of ${limit}`), { code: 'full' }) as never,
  })
  const leaves = quota.reserve('prj_1', 1, 5, 'leaves')
  const others = ['a', 'b', 'c'].map((source) => quota.reserve('prj_1', 1, 5, source))
  fail(new Error('its client has left'))

  await expect(leaves).rejects.toThrow('its client has left')
  const settled = await Promise.allSettled(others)
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(counted.slice(0, 2)).toEqual(['leaves', 'a'])
})
