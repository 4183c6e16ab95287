/**
 * @file Published figures that the engine must reproduce: those of `npm run references` that take
 * seconds and whose data is at hand.
 */
import { describe, expect, test } from 'vitest'

import { references } from '../../../bench/references/index.ts'
import { describeBar, isWithin } from '../../../bench/references/reference.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'

const { backend } = loadKernels('auto')
const quick = references.filter(({ isLong, files }) => !isLong && !files)

describe.each(quick)('$check, $configuration', ({ figures, measure }) => {
  test('reaches every figure', () => {
    const ours = measure({ backend, dataFolder: 'examples/data' })

    for (const [i, { name, bar }] of figures.entries()) {
      expect(isWithin(ours[i], bar), `${name}: ${ours[i]}, not ${describeBar(bar)}`).toBe(true)
    }
  }, 60_000) // a second alone, more when all cores are busy
})
