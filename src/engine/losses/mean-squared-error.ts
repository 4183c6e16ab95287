/** @file The mean squared error: for regression. The mean is over all outputs of all rows. */
import { sizeOf } from '../shape.ts'
import type { Loss, LossPlan } from './loss.ts'

export function meanSquaredError(): Loss {
  return {
    definition: { type: 'mean_squared_error' },
    absorbs: null,
    plan(output, rows): LossPlan {
      const C = sizeOf(output)
      return {
        targets: output,
        terms: C,
        decisions: 0,
        saved: [rows],
        flops: { forward: 3 * C, backward: 3 * C },
        checkTargets() {},
        bind: ({ y, dy, targets, saved: [losses] }, kernels) => ({
          forward(rows) {
            kernels.squaredErrorForward(losses, y, targets, rows, C)
            return kernels.sum(losses, rows)
          },
          backward: (rows) => kernels.squaredErrorBackward(dy, y, targets, rows, C),
          countCorrect: () => 0,
        }),
      }
    },
  }
}
