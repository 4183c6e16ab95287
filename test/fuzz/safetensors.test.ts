import { expect, test } from 'vitest'

import { fuzzSafetensors } from './safetensors.ts'

test('a safetensors file with a header that lies is decoded or refused, and nothing else', () => {
  const { decoded, refused } = fuzzSafetensors(5_000, 1)

  expect(decoded).toBeGreaterThan(50)
  expect(refused).toBeGreaterThan(2_000)
})
