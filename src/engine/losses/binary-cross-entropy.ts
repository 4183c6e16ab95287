/**
 * @file Binary cross-entropy: for yes-or-no answers, each output on its own.
 *
 * The network ends in a sigmoid, which is absorbed. Targets are probabilities, usually 0 or 1; an
 * answer is right when it lies on the same side of 1/2 as its target.
 */
import { EngineError } from '../errors.ts'
import { findPlace, type RowSource, valueAt } from '../memory/row-source.ts'
import { sizeOf } from '../shape.ts'
import type { Loss, LossPlan } from './loss.ts'

const FLOPS_PER_ELEMENT = 45

export function binaryCrossEntropy(): Loss {
  return {
    definition: { type: 'binary_cross_entropy' },
    absorbs: 'sigmoid',
    plan(output, rows): LossPlan {
      const C = sizeOf(output)
      return {
        targets: output,
        terms: C,
        decisions: C,
        saved: [rows],
        flops: { forward: C * FLOPS_PER_ELEMENT, backward: C * FLOPS_PER_ELEMENT },
        checkTargets: checkProbabilities,
        bind: ({ y, dy, targets, saved: [losses] }, kernels) => ({
          forward(rows) {
            kernels.binaryCrossEntropyForward(losses, y, targets, rows, C)
            return kernels.sum(losses, rows)
          },
          backward: (rows) => kernels.binaryCrossEntropyBackward(dy, y, targets, rows, C),
          countCorrect: (rows) => kernels.countCorrectSigns(y, targets, rows * C),
        }),
      }
    },
  }
}

function checkProbabilities(targets: RowSource): void {
  const wrong = findPlace(targets, (target) => !(target >= 0 && target <= 1))
  if (wrong === -1) return
  throw new EngineError(
    'invalid_data',
    `binary_cross_entropy: targets must be from 0 to 1, got ${valueAt(targets, wrong)} at ${wrong}.`,
  )
}
