import { expect, test } from 'vitest'

import { createStreamSlots } from '../../../src/api/streams/stream-slots.ts'

test('one more than a project may have is refused with the numbers, and another project is not', () => {
  const slots = createStreamSlots()
  const release = slots.take('one', 2)
  slots.take('one', 2)

  expect(() => slots.take('one', 2)).toThrow(
    expect.objectContaining({
      code: 'too_many_streams',
      message: expect.stringMatching(/has 2 event streams open, and may have 2/),
      retryAfterSeconds: 30,
    }),
  )
  expect(slots.take('other', 2)).toBeTypeOf('function')

  release()
  expect(slots.open('one')).toBe(1)
  expect(slots.take('one', 2)).toBeTypeOf('function')
})
