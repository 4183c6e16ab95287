/** @file Flatten: the same numbers in the same order, as one vector. */
import { sizeOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'

export function flatten(): Layer {
  return {
    definition: { type: 'flatten' },

    /** (...) -> (size) */
    plan(input): LayerPlan {
      const size = sizeOf(input)
      return {
        output: [size],
        parameters: [],
        saved: [],
        scratch: [],
        flops: { forward: 0, backward: 0 },
        reads: { input: false, output: false },
        bind: ({ x, y, dx, dy }, { kernels }) => ({
          forward: (rows) => kernels.copy(y, x, rows * size),
          backward(rows) {
            if (dx) kernels.copy(dx, dy, rows * size)
          },
        }),
      }
    },
  }
}
