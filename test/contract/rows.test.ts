import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { Row, rows } from '../../src/contract/datasets.ts'
import { PredictRequest, PredictRow } from '../../src/contract/predictions.ts'

const cell = fc.oneof(
  { weight: 5, arbitrary: fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null)) },
  fc.constantFrom(undefined, {}, [], [1, 2], [256], ['x'], 'x'.repeat(65_537), Number.NaN),
)
/** `__proto__` is refused before a schema is asked. */
const name = fc.string().filter((text) => text !== '__proto__')
const row = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(name, cell, { noNullPrototype: true }) },
  fc.constantFrom<unknown>(null, 1, 'x', [], [1]),
)
const bodies = fc.array(row, { maxLength: 4 })

const plain = z.array(Row).min(1).max(3)
const looked = rows(3)

test('rows are taken and refused as their schema alone would', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const [slow, fast] = [plain.safeParse(body), looked.safeParse(body)]
      expect(fast.success).toBe(slow.success)
      if (slow.success) expect(fast.data).toEqual(slow.data)
      else if (body.length <= 3) expect(fast.error?.issues[0]).toEqual(slow.error.issues[0])
    }),
    { numRuns: 2_000 },
  )
})

test('rows to predict are taken and refused as their schema alone would', () => {
  const slowly = z.array(PredictRow).min(1).max(10_000)
  fc.assert(
    fc.property(bodies, (rows) => {
      expect(PredictRequest.safeParse({ rows }).success).toBe(slowly.safeParse(rows).success)
    }),
    { numRuns: 2_000 },
  )
})

test('the document shows them as what they are', () => {
  const target = { io: 'input' } as const
  const { $schema, ...schema } = z.toJSONSchema(looked, target)
  expect(schema).toEqual(expect.objectContaining({ type: 'array', minItems: 1, maxItems: 3 }))
})
