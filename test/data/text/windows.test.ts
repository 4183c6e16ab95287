import { expect, test } from 'vitest'

import {
  heldOutTokens,
  trainingWindows,
  validationWindows,
  windowsOf,
} from '../../../src/data/text/windows.ts'

// https://github.com/karpathy/nanoGPT/blob/master/data/shakespeare_char/prepare.py says of its parts:
// "train has 1,003,854 tokens, val has 111,540 tokens".
test('tiny Shakespeare is split as nanoGPT splits it', () => {
  const heldOut = heldOutTokens(1_115_394, 0.1)

  expect(heldOut).toBe(111_540)
  expect(1_115_394 - heldOut).toBe(1_003_854)
})

test('a window needs one token more than it reads', () => {
  expect([3, 4, 5, 6].map((tokens) => trainingWindows(tokens, 4))).toEqual([0, 0, 1, 2])
  expect([0, 4, 5, 8, 9].map((tokens) => validationWindows(tokens, 4))).toEqual([0, 0, 1, 1, 2])
})

const tokens = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)

test('training windows start at every token; each token has the next one as its target', () => {
  const { inputs, targets } = windowsOf(tokens, { rows: 5, stride: 1, context: 3, targetSize: 3 })

  expect(inputs).toEqual({ values: Uint8Array.of(0, 1, 2, 3, 4, 5, 6), stride: 1 })
  expect(targets).toEqual({ values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7), stride: 1 })
  expect(inputs.values.buffer).toBe(tokens.buffer)
})

test('validation windows follow each other', () => {
  const { inputs, targets } = windowsOf(tokens, { rows: 2, stride: 3, context: 3, targetSize: 3 })

  expect(inputs).toEqual({ values: Uint8Array.of(0, 1, 2, 3, 4, 5), stride: 3 })
  expect(targets).toEqual({ values: Uint8Array.of(1, 2, 3, 4, 5, 6), stride: 3 })
})

test('a network with one answer per window has the token after it as its target', () => {
  const { targets } = windowsOf(tokens, { rows: 2, stride: 3, context: 3, targetSize: 1 })

  expect(targets).toEqual({ values: Uint8Array.of(3, 4, 5, 6), stride: 3 })
})
