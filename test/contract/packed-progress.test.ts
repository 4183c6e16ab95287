import fc from 'fast-check'
import { expect, test } from 'vitest'

import { packProgress, unpackProgress } from '../../src/contract/packed-progress.ts'

const points = fc.array(
  fc.record({
    name: fc.constantFrom('loss', 'accuracy', 'validation_loss'),
    step: fc.nat(2 ** 40),
    value: fc.double(),
  }),
)

test('what a thread reports arrives as it was, in order, numbers that are none included', () => {
  fc.assert(
    fc.property(points, (given) => {
      const progress = { step: 7, epoch: 2, points: given }
      expect(unpackProgress(structuredClone(packProgress(progress)))).toEqual(progress)
    }),
  )
})
