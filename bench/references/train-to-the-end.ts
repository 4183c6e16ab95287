/** @file A whole training on given kernels, and what was last reported of it. */
import {
  createTrainer,
  type KernelBackend,
  type MetricName,
  type MetricPoint,
  planTraining,
  type Trainer,
  type TrainingData,
  type TrainingOptions,
} from '../../src/engine/index.ts'

export interface Parts {
  readonly training: TrainingData
  readonly validation?: TrainingData
}

export interface Trained {
  readonly trainer: Trainer
  readonly points: readonly MetricPoint[]
  last(name: MetricName): number
}

export function trainToTheEnd(
  options: TrainingOptions,
  parts: Parts,
  backend: KernelBackend,
): Trained {
  const plan = planTraining(options)
  const trainer = createTrainer(plan, { ...parts, opened: backend.open(plan.memoryBytes) })
  const { points } = trainer.run(Number.MAX_SAFE_INTEGER)
  const last = (name: MetricName) =>
    points.findLast((point) => point.name === name)?.value ?? Number.NaN
  return { trainer, points, last }
}
