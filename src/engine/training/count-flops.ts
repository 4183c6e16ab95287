/** @file Floating point operations of a step and of a whole job: what a job's seconds are guessed from. */
import type { TrainingDetails } from './plan.ts'

export interface FlopCount {
  readonly flopsPerStep: number
  readonly flops: number
}

export function countFlops(
  details: Omit<TrainingDetails, 'interval'>,
  steps: number,
  batchSize: number,
): FlopCount {
  const { network, loss, arena, options, trainingRows, validationRows } = details
  const stepRows = Math.min(batchSize * details.accumulate, trainingRows)
  const forward = network.flops.forward + loss.flops.forward
  const backward = network.flops.backward + loss.flops.backward
  const perParameter = options.optimizer.flopsPerParameter + (options.clipNorm ? 3 : 0)
  const update = arena.trainedLength * perParameter

  const stepsPerEpoch = Math.ceil(trainingRows / stepRows)
  const epochs = Math.floor(steps / stepsPerEpoch)
  const samples = epochs * trainingRows + (steps % stepsPerEpoch) * stepRows
  const evaluated = Math.ceil(steps / stepsPerEpoch) * validationRows
  return {
    flopsPerStep: stepRows * (forward + backward) + update,
    flops: samples * (forward + backward) + steps * update + evaluated * forward,
  }
}
