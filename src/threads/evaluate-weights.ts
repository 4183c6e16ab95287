/** @file The report on the final weights of a job, on both parts of its data, by kind of task. */
import type { Evaluation } from '../contract/jobs.ts'
import type { Task } from '../data/resolve.ts'
import { sizeOf } from '../data/task.ts'
import {
  createPredictor,
  type KernelBackend,
  type Layer,
  type NamedTensors,
} from '../engine/index.ts'
import { evaluate } from './evaluate.ts'
import { evaluateText, sampledWindows } from './evaluate-text.ts'
import { planPredictor } from './plan-predictor.ts'
import type { PreparedData } from './prepared-data.ts'

export interface TrainedNetwork {
  readonly resolved: Task
  readonly network: Layer
  readonly weights: NamedTensors
  readonly backend: KernelBackend
  readonly data: PreparedData
  /** Called after each slice; it may throw to end it. */
  readonly onProgress: () => void
}

export function evaluateWeights(trained: TrainedNetwork): Evaluation {
  const { resolved, network, weights, backend, data, onProgress } = trained
  const { inputShape, lossName } = resolved
  const { maxRows } = planPredictor(network, inputShape)
  const evaluator = {
    predictor: createPredictor({ network, inputShape, weights, maxRows, backend }),
    lossName,
    inputSize: sizeOf(inputShape),
    rowsAtOnce: maxRows,
    onProgress,
  }
  const { preprocessing, training, validation } = data
  if (resolved.kind === 'text') {
    const textEvaluator = { ...evaluator, vocabulary: resolved.outputs }
    return {
      training: evaluateText(training, textEvaluator, sampledWindows),
      validation: validation && evaluateText(validation, textEvaluator),
    }
  }
  if (!('target' in preprocessing)) throw new Error('Only a text has no target.')
  const answerEvaluator = { ...evaluator, target: preprocessing.target }
  return {
    training: evaluate(training, answerEvaluator),
    validation: validation && evaluate(validation, answerEvaluator),
  }
}
