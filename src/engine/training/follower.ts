/**
 * @file A follower: another thread of a job that a trainer leads. It has no rows and reports nothing;
 * it takes the same units of work at the same time, its share of each operation, until it is let go.
 *
 * Its state is a copy that moves with the leader's: every decision rests on numbers that all threads
 * read from the job's memory.
 */
import { EngineError } from '../errors.ts'
import type { OpenedMemory } from '../kernels/backend.ts'
import { advance, finish } from './advance.ts'
import { bindJob } from './bind-job.ts'
import type { TrainingPlan } from './plan.ts'
import { createPulse } from './pulse.ts'
import type { TrainerState } from './state.ts'

/** What a leader says at the start of a call: so many units, or one of these. */
export const orders = { finish: -1, dismiss: -2 } as const

/** More at once would not fit a word. */
export const maxUnitsAtOnce = 0x3fffffff

/** Returns when the leader has dismissed its team. Errors: `team_broken`. */
export function followTrainer(
  plan: TrainingPlan,
  opened: OpenedMemory,
  /** The leader's, from before its first unit. */
  state: TrainerState,
): void {
  const { team } = opened
  const job = bindJob(plan, {
    ...opened,
    training: null,
    validation: null,
    pulse: createPulse(team, {}),
  })
  for (;;) {
    const order = team.agree(0)
    if (order === orders.dismiss) return
    try {
      if (order === orders.finish) finish(job, state, [])
      else
        for (let unit = 0; unit < order && state.phase !== 'finished'; unit++)
          advance(job, state, [])
    } catch (error) {
      // The leader has met the same, reports it, and will say how to go on.
      if (!(error instanceof EngineError) || error.code === 'team_broken') throw error
    }
  }
}
