/**
 * @file Small trainings that between them meet every kernel and every way to share it between threads, at
 * sizes that do not divide, mostly with a last batch that is smaller.
 */
import { denseTrainings } from './dense-trainings.ts'
import { imageTrainings } from './image-trainings.ts'
import { sequenceTrainings } from './sequence-trainings.ts'
import type { TrainingCase } from './training-case.ts'

export const trainingCases: readonly TrainingCase[] = [
  ...imageTrainings,
  ...sequenceTrainings,
  ...denseTrainings,
]
