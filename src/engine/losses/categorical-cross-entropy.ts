/**
 * @file Categorical cross-entropy: for one class out of C.
 *
 * The network ends in a softmax over the last dimension, which is absorbed. A target is the index of
 * its class, 0 to C - 1, as a number; an answer is right when its class has the largest output.
 */
import { EngineError } from '../errors.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { findPlace, type RowSource, valueAt } from '../memory/row-source.ts'
import { channelsOf, type Shape, sizeOf, vectorsOf } from '../shape.ts'
import type { BoundLoss, Loss, LossPlan, LossViews } from './loss.ts'

const FLOPS_PER_ELEMENT = 25

export function categoricalCrossEntropy(): Loss {
  return {
    definition: { type: 'categorical_cross_entropy' },
    absorbs: 'softmax',
    plan(output, rows): LossPlan {
      const C = channelsOf(output)
      const vectors = vectorsOf(output)
      if (C < 2) {
        throw new EngineError(
          'shape_mismatch',
          `categorical_cross_entropy: expected at least 2 classes, got ${C}.`,
        )
      }
      return {
        targets: output.slice(0, -1),
        terms: vectors,
        decisions: vectors,
        saved: [rows * vectors, rows * vectors * C],
        flops: { forward: sizeOf(output) * FLOPS_PER_ELEMENT, backward: 2 * sizeOf(output) },
        checkTargets: (targets) => checkClasses(targets, C),
        bind: (views, kernels) => bindLoss(views, kernels, output),
      }
    },
  }
}

function bindLoss(
  { y, dy, targets, saved: [losses, probabilities] }: LossViews,
  kernels: Kernels,
  output: Shape,
): BoundLoss {
  const C = channelsOf(output)
  const vectors = vectorsOf(output)
  return {
    forward(rows) {
      const N = rows * vectors
      kernels.categoricalCrossEntropyForward(losses, probabilities, y, targets, N, C)
      return kernels.sum(losses, N)
    },
    backward(rows) {
      kernels.categoricalCrossEntropyBackward(dy, probabilities, targets, rows * vectors, C)
    },
    countCorrect: (rows) => kernels.countCorrectClasses(y, targets, rows * vectors, C),
  }
}

function checkClasses(targets: RowSource, C: number): void {
  const wrong = findPlace(
    targets,
    (target) => !(Number.isInteger(target) && target >= 0 && target < C),
  )
  if (wrong === -1) return
  throw new EngineError(
    'invalid_data',
    `categorical_cross_entropy: targets must be class indices from 0 to ${C - 1}, got ${valueAt(targets, wrong)} at ${wrong}.`,
  )
}
