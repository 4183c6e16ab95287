/** @file Each training to its end: the first member leads, the others follow. */
import { followTrainer, type OpenedMemory } from '../../../src/engine/index.ts'
import type { Hashes } from './run-in-team.ts'
import { trainerOf, trainToEnd } from './train-case.ts'
import type { TrainingCase } from './training-case.ts'
import { trainingCases } from './training-cases.ts'

/** `openings` has a memory for each. */
export function hashTrainings(openings: readonly OpenedMemory[]): Hashes {
  return Object.fromEntries(trainingCases.map((each, i) => [each.name, hashOf(each, openings[i])]))
}

function hashOf(training: TrainingCase, opened: OpenedMemory): string {
  const { team } = opened
  if (team.index > 0) {
    // A training that has not begun stands where any other of its plan does.
    const { state } = trainerOf(training)
    team.meet()
    followTrainer(training.plan, opened, state)
    return ''
  }
  const trainer = trainerOf(training, opened)
  team.meet()
  const hash = trainToEnd(trainer)
  trainer.dismiss()
  return hash
}
