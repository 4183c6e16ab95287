/**
 * @file Softmax along the last dimension: scores into probabilities.
 *
 * At the end of a network under categorical cross-entropy the loss computes it, from the logits.
 */
import { channelsOf, sizeOf, vectorsOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'

const FLOPS_PER_ELEMENT = 25

export function softmax(): Layer {
  return {
    definition: { type: 'softmax' },

    /** (..., C) -> (..., C) */
    plan(input): LayerPlan {
      const C = channelsOf(input)
      const vectors = vectorsOf(input)
      const flops = sizeOf(input) * FLOPS_PER_ELEMENT
      return {
        output: input,
        parameters: [],
        saved: [],
        scratch: [],
        flops: { forward: flops, backward: flops },
        reads: { input: false, output: true },
        bind: ({ x, y, dx, dy }, { kernels }) => ({
          forward: (rows) => kernels.softmaxForward(y, x, rows * vectors, C),
          backward(rows) {
            if (dx) kernels.softmaxBackward(dx, dy, y, rows * vectors, C)
          },
        }),
      }
    },
  }
}
