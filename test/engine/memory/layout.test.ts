import { expect, test } from 'vitest'

import { createLayout, viewRegion } from '../../../src/engine/memory/layout.ts'

test('every region starts on a cache line, and none overlaps the next', () => {
  const layout = createLayout('float32')
  const regions = [1, 16, 17, 0, 5].map((length) => layout.reserve(length))

  expect(regions.map(({ offsetBytes }) => offsetBytes)).toEqual([0, 64, 128, 256, 256])
  expect(layout.sizeBytes).toBe(320)
})

test('a view lies at its region, from where the job may start', () => {
  const layout = createLayout('float64')
  layout.reserve(3)
  const region = layout.reserve(2)
  const view = viewRegion({ buffer: new ArrayBuffer(1024), offsetBytes: 128 }, 'float64', region)

  expect(view).toBeInstanceOf(Float64Array)
  expect([view.byteOffset, view.length]).toEqual([128 + 64, 2])
})
