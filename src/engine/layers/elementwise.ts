/**
 * @file The common form of activations that work on each element alone and have no parameters.
 *
 * The backward kernel reads the output of the forward pass; the input need not stay.
 */
import type { Definition } from '../definition.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { FloatArray } from '../memory/float-array.ts'
import { sizeOf } from '../shape.ts'
import type { Layer, LayerPlan } from './layer.ts'

interface ElementwiseOptions {
  readonly definition: Definition
  /** Floating point operations for one element, both ways: an estimate, for the plan's seconds. */
  readonly flopsPerElement: number
  readonly kernelsOf: (kernels: Kernels) => {
    readonly forward: (y: FloatArray, x: FloatArray, n: number) => void
    readonly backward: (dx: FloatArray, dy: FloatArray, y: FloatArray, n: number) => void
  }
}

export function elementwise(options: ElementwiseOptions): Layer {
  const { definition, flopsPerElement, kernelsOf } = options
  return {
    definition,

    /** (...) -> (...) */
    plan(input): LayerPlan {
      const size = sizeOf(input)
      return {
        output: input,
        parameters: [],
        saved: [],
        scratch: [],
        flops: { forward: size * flopsPerElement, backward: size * flopsPerElement },
        reads: { input: false, output: true },
        bind({ x, y, dx, dy }, { kernels }) {
          const { forward, backward } = kernelsOf(kernels)
          return {
            forward: (rows) => forward(y, x, rows * size),
            backward(rows) {
              if (dx) backward(dx, dy, y, rows * size)
            },
          }
        },
      }
    },
  }
}
