/** @file Whether a project may keep what another job will leave: weights and checkpoints count together. */
import type { Store } from '../../store/store.ts'
import { createQuota, type Quota } from './quota.ts'

/** Runs write on: so their results show within this time. */
const rememberedMs = 5_000

export function createResultQuota(store: Pick<Store, 'countResultBytes'>): Quota {
  return createQuota({
    count: store.countResultBytes,
    rememberedMs,
    refusal: (limit, used, bytes) =>
      `The weights and checkpoints of this project may hold ${limit} bytes together ` +
      `(results_bytes_total); with those that its unfinished jobs will leave they hold ` +
      `${used}, and this job's weights take up to ${bytes}.`,
  })
}
