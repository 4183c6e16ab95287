/** @file Whether a project may keep what another job will leave: weights and checkpoints count together. */
import { AppError } from '../../contract/errors.ts'
import { createQuota, type Quota } from '../../store/quota.ts'
import type { Store } from '../../store/store.ts'

/** Runs write on: so their results show within this time. */
const rememberedMs = 5_000

/** Errors: `quota_exceeded`. */
export function createResultQuota(store: Pick<Store, 'countResultBytes'>): Quota {
  return createQuota({
    count: store.countResultBytes,
    rememberedMs,
    refusal: (limit, used, bytes) =>
      new AppError(
        'quota_exceeded',
        `The weights and checkpoints of this project may hold ${limit} bytes together ` +
          `(results_bytes_total); with those that its unfinished jobs will leave they hold ` +
          `${used}, and this job's weights take up to ${bytes}.`,
      ),
  })
}
