/** @file A training case to its end. */
import { createHash } from 'node:crypto'

import {
  createTrainer,
  encodeSafetensors,
  type OpenedMemory,
  type Trainer,
} from '../../../src/engine/index.ts'
import type { TrainingCase } from './training-case.ts'

export function trainerOf(
  { plan, training, validation }: TrainingCase,
  opened?: OpenedMemory,
): Trainer {
  return createTrainer(plan, { training, validation, ...(opened && { opened }) })
}

/** The hash of its weights and of what it reports. */
export function trainToEnd(trainer: Trainer): string {
  const { points } = trainer.run(1_000_000)
  const weights = encodeSafetensors(trainer.weights(), {})
  return createHash('sha256').update(weights).update(JSON.stringify(points)).digest('hex')
}
