/** @file Everything that has a say in the bits of a job's weights and series, as one line of text. */
import type { TrainingDetails } from './plan.ts'

export function describeTraining(
  { options, dtype, schedule, shuffles, ...details }: TrainingDetails,
  batchSize: number,
  steps: number,
): string {
  return JSON.stringify({
    network: options.network.definition,
    inputShape: options.inputShape,
    trainingRows: details.trainingRows,
    validationRows: details.validationRows,
    loss: options.loss.definition,
    optimizer: options.optimizer.definition,
    learningRate: options.learningRate,
    schedule: schedule.definition,
    batchSize,
    // Not said where it changes nothing, so that older snapshots are still of their plan.
    ...(details.accumulate > 1 ? { accumulate: details.accumulate } : {}),
    steps,
    seed: options.seed,
    shuffles,
    clipNorm: options.clipNorm ?? null,
    earlyStopping: details.earlyStopping,
    interval: details.interval,
    dtype,
  })
}
