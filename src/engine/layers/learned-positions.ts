/** @file Learned positions: a vector for each place of a sequence, added to what is there. */
import { EngineError } from '../errors.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { normal } from '../initializers/normal.ts'
import { requireOption } from '../require-option.ts'
import { sizeOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'
import { requireSequence } from './require-shape.ts'

export interface LearnedPositionsOptions {
  /** How many places there are: no sequence may be longer. */
  readonly context: number
  /** Normal with a deviation of 1 when not given, as PyTorch's Embedding. */
  readonly weightInitializer?: Initializer
}

export function learnedPositions(options: LearnedPositionsOptions): Layer {
  const { context, weightInitializer = normal() } = options
  requireOption('learned_positions', 'context', context, { min: 1, integer: true })
  return {
    definition: {
      type: 'learned_positions',
      context,
      weightInitializer: weightInitializer.definition,
    },

    /** (T, C) -> (T, C) */
    plan(input): LayerPlan {
      const [T, C] = requireSequence('learned_positions', input)
      if (T > context) {
        throw new EngineError(
          'shape_mismatch',
          `learned_positions: expected at most ${context} places, got ${T}. Raise context, or take shorter sequences.`,
          { option: 'context' },
        )
      }
      const size = sizeOf(input)
      const fans = { fanIn: C, fanOut: context }
      const weight = { name: 'weight', shape: [context, C], fans, initializer: weightInitializer }
      return {
        output: input,
        parameters: [{ ...weight, decays: true }],
        saved: [],
        scratch: [],
        flops: { forward: size, backward: size },
        reads: { input: false, output: false },
        bind: ({ x, y, dx, dy, parameters, gradients }, { kernels }) => ({
          forward: (rows) => kernels.addPositions(y, x, parameters[0], rows, size),
          backward(rows) {
            kernels.addPositionsBackward(gradients[0], dy, rows, size)
            if (dx) kernels.copy(dx, dy, rows * size)
          },
        }),
      }
    },
  }
}
