import { expect, test } from 'vitest'

import { convolutionSizes } from '../../../src/engine/kernels/convolution-sizes.ts'
import type { WasmExports } from '../../../src/engine/kernels/wasm/wasm-exports.ts'
import { winogradOf } from '../../../src/engine/kernels/wasm/winograd.ts'
import { planWindow } from '../../../src/engine/window.ts'

type Range = readonly [from: number, end: number]

/** What a thread writes of the tiles' matrices, from one meeting to the next, as bytes. */
function writtenBy(index: number, side: number, rows: number): Range[] {
  const image = [16, side, side] as const
  const window = { size: [3, 3], stride: [1, 1], padding: [0, 0] } as const
  const sizes = convolutionSizes(16, 16, 1, planWindow('conv2d', image, window))
  const written: Range[] = []
  let meetings = 0
  /** A matrix of the transform is `stride` numbers; a thread writes those of four for each of its rows. */
  const write = (at: number, rFrom: number, rEnd: number, stride: number) => {
    if (meetings === 0) written.push([at + 16 * rFrom * stride, at + 16 * rEnd * stride])
  }
  const wasm = {
    winogradInput: (v, _x, _n, _c, _f, _e, rFrom, rEnd, stride) => write(v, rFrom, rEnd, stride),
    winogradOutputGradient: (m, _y, _n, _c, _f, _e, rFrom, rEnd, stride) =>
      write(m, rFrom, rEnd, stride),
    winogradWeightGradient() {},
    addPlaneSums() {},
  } as Pick<WasmExports, 'winogradInput' | 'winogradOutputGradient'> as WasmExports
  const meet = () => {
    meetings += 1
  }
  const team = { index, count: 2, meet, agree: (value: number) => value }
  const grid = sizes.tiles?.forward
  if (!grid) throw new Error('A convolution that goes by tiles was expected.')
  winogradOf(wasm, () => {}, team).backwardParameters(0, 0, 0, 0, 0, rows, sizes, grid)
  return written
}

test.each([
  { name: 'images that are no multiple of those taken at once', side: 13, rows: 64 },
  { name: 'a last band of fewer rows of tiles', side: 32, rows: 2 },
])('threads that make dweight never write over each other: $name', ({ side, rows }) => {
  const [ours, theirs] = [writtenBy(0, side, rows), writtenBy(1, side, rows)]
  expect(ours.length).toBeGreaterThan(2)
  for (const [from, end] of ours) {
    for (const [otherFrom, otherEnd] of theirs) {
      expect(from < otherEnd && otherFrom < end, `${from}-${end}, ${otherFrom}-${otherEnd}`).toBe(
        false,
      )
    }
  }
})
