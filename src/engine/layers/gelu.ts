/**
 * @file The Gaussian error linear unit as an activation, x * Phi(x).
 *
 * `approximate: 'tanh'` is the older formula, for weights that were trained with it, such as GPT-2's.
 */
import { sizeOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'

export interface GeluOptions {
  readonly approximate?: 'none' | 'tanh'
}

const FLOPS_PER_ELEMENT = { forward: 40, backward: 1 }

export function gelu({ approximate = 'none' }: GeluOptions = {}): Layer {
  return {
    definition: { type: 'gelu', approximate },

    /** (...) -> (...) */
    plan(input, rows, use): LayerPlan {
      const size = sizeOf(input)
      const { forward, backward } = FLOPS_PER_ELEMENT
      return {
        output: input,
        parameters: [],
        saved: use === 'training' ? [rows * size] : [],
        scratch: [],
        flops: { forward: size * forward, backward: size * backward },
        reads: { input: false, output: false },
        bind({ x, y, dx, dy, saved: [saved] }, { kernels }) {
          const isExact = approximate === 'none'
          const forward = isExact ? kernels.geluForward : kernels.geluTanhForward
          const backward = isExact ? kernels.geluBackward : kernels.geluTanhBackward
          return {
            forward: (rows, mode) => forward(y, mode === 'train' ? saved : null, x, rows * size),
            backward(rows) {
              if (dx) backward(dx, dy, saved, rows * size)
            },
          }
        },
      }
    },
  }
}
