/** @file Global average pooling: an image becomes the mean of each of its channels. */
import { requireImage } from '../window.ts'
import type { Layer, LayerPlan } from './layer.ts'

export function globalAveragePool2d(): Layer {
  return {
    definition: { type: 'global_average_pool2d' },

    /** (C, H, W) -> (C) */
    plan(input): LayerPlan {
      const [C, H, W] = requireImage('global_average_pool2d', input)
      const size = H * W
      return {
        output: [C],
        parameters: [],
        saved: [],
        scratch: [],
        flops: { forward: C * size, backward: C * size },
        reads: { input: false, output: false },
        bind: ({ x, y, dx, dy }, { kernels }) => ({
          forward: (rows) => kernels.meanForward(y, x, rows * C, size),
          backward(rows) {
            if (dx) kernels.meanBackward(dx, dy, rows * C, size)
          },
        }),
      }
    },
  }
}
