/**
 * @file Positions that are not learned: sines and cosines of growing length along the channels, added
 * to a sequence of any length.
 *
 * Reference: https://arxiv.org/abs/1706.03762
 */
import { sizeOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'
import { requireSequence } from './require-shape.ts'

const FLOPS_PER_POSITION = 60

export function sinusoidalPositions(): Layer {
  return {
    definition: { type: 'sinusoidal_positions' },

    /** (T, C) -> (T, C) */
    plan(input): LayerPlan {
      const [T, C] = requireSequence('sinusoidal_positions', input)
      const size = sizeOf(input)
      return {
        output: input,
        parameters: [],
        saved: [],
        scratch: [size],
        flops: { forward: size * FLOPS_PER_POSITION, backward: size },
        reads: { input: false, output: false },
        bind: ({ x, y, dx, dy, scratch: [positions] }, { kernels }) => ({
          forward(rows) {
            // Anew each time: keeping them would take memory, and they take microseconds.
            kernels.fillSinusoids(positions, T, C)
            kernels.addPositions(y, x, positions, rows, size)
          },
          backward(rows) {
            if (dx) kernels.copy(dx, dy, rows * size)
          },
        }),
      }
    },
  }
}
