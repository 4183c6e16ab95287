/**
 * @file The one judge of every fault test: after the fault it compares what Postgres holds, and what
 * clients saw, with the ten invariants. It asks the tables themselves, not the service.
 *
 *  I1  an accepted job reaches exactly one terminal state
 *  I2  that state never changes
 *  I3  a succeeded job has one result, no other job has any
 *  I4  the weights are those of an undisturbed run of the same spec
 *  I5  the loss series has no gap, no step twice, and the bits of the undisturbed run
 *  I6  the fence only grows, and nothing is written under an old one
 *  I7  no project gets to see what is another's
 *  I8  no chunk without its blob, no blob without its owner, no row without its chunks
 *  I9  a stream that is taken up again tells of each status once
 *  I10 what is counted for a limit is what is there
 *
 * I2 and I6 see most where `watchWrites` was called before the fault.
 */
import { checkBlobs } from './invariants/blobs.ts'
import { checkUsage } from './invariants/counters.ts'
import { checkEnds } from './invariants/ends.ts'
import { checkFences } from './invariants/fences.ts'
import { checkProjects } from './invariants/projects.ts'
import { checkSameBits } from './invariants/same-bits.ts'
import { checkStreams } from './invariants/streams.ts'
import type { Evidence, Violation } from './invariants/types.ts'

export type * from './invariants/types.ts'
export { watchWrites } from './invariants/watch-writes.ts'

/** Empty when all ten hold. */
export async function checkInvariants(evidence: Evidence): Promise<Violation[]> {
  const found = [
    await checkEnds(evidence),
    await checkSameBits(evidence),
    await checkFences(evidence),
    await checkProjects(evidence),
    await checkBlobs(evidence),
    await checkStreams(evidence),
    await checkUsage(evidence),
  ]
  return found.flat()
}

/** The two figures of the table of faults, in jobs. */
export function countDamage(violations: readonly Violation[]): { lost: number; diverged: number } {
  const jobsOf = (...names: readonly Violation['invariant'][]) =>
    new Set(
      violations.filter(({ invariant }) => names.includes(invariant)).map(({ jobId }) => jobId),
    ).size
  return { lost: jobsOf('I1', 'I3'), diverged: jobsOf('I4', 'I5') }
}
