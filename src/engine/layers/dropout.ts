/**
 * @file Dropout: in training each element is lost with probability `rate`, and the others grow so that
 * the mean stays; in evaluation it does nothing.
 *
 * Reference: https://jmlr.org/papers/v15/srivastava14a.html
 */
import { seedWords } from '../random/stream.ts'
import { requireOption } from '../require-option.ts'
import { sizeOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface DropoutOptions {
  /** In [0, 1). */
  readonly rate: number
}

const FLOPS_PER_ELEMENT = 20

export function dropout({ rate }: DropoutOptions): Layer {
  requireOption('dropout', 'rate', rate, { min: 0, max: 1, belowMax: true })
  return {
    definition: { type: 'dropout', rate },

    /** (...) -> (...) */
    plan(input, rows, use): LayerPlan {
      const size = sizeOf(input)
      return {
        output: input,
        parameters: [],
        saved: use === 'training' ? [rows * size] : [],
        scratch: [],
        flops: { forward: size * FLOPS_PER_ELEMENT, backward: size },
        reads: { input: false, output: false },
        bind: (views, context) => bindDropout(views, context, size, rate),
      }
    },
  }
}

function bindDropout(
  { x, y, dx, dy, saved }: LayerViews,
  { kernels, seed, clock, claimStream }: LayerContext,
  size: number,
  rate: number,
): BoundLayer {
  const [mask] = saved
  const [seedLow, seedHigh] = seedWords(seed)
  const stream = claimStream()
  return {
    forward(rows, mode) {
      const n = rows * size
      if (mode === 'evaluate') kernels.copy(y, x, n)
      else kernels.dropoutForward(y, mask, x, rate, seedLow, seedHigh, stream, clock.step, n)
    },
    backward(rows) {
      if (dx) kernels.dropoutBackward(dx, dy, mask, rows * size)
    },
  }
}
