/**
 * @file The pulse between layers: a sign of life, and the place where a step can be abandoned. A team
 * abandons it together, when its leader says so.
 */
import { EngineError } from '../errors.ts'
import type { Team } from '../kernels/team.ts'

export interface PulseOptions {
  readonly aborted?: () => boolean
  /** Its first element counts the pulses. */
  readonly progress?: Int32Array
}

export function createPulse(team: Team, { aborted, progress }: PulseOptions): () => void {
  return () => {
    if (progress) Atomics.add(progress, 0, 1)
    if (team.agree(aborted?.() ? 1 : 0)) {
      throw new EngineError('aborted', 'The caller asked to stop.')
    }
  }
}
