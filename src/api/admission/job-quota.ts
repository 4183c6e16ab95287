/**
 * @file Whether a project may keep another job: its row, with a spec of up to 256 KiB, its events and its
 * losses stay when it has ended, until somebody deletes it.
 */
import { AppError } from '../../contract/errors.ts'
import { createQuota, type Quota } from '../../store/quota.ts'
import type { Store } from '../../store/store.ts'

/** A million rows are counted in 0.15 to 1.5 s (after and before a vacuum), and only clients add to them. */
const rememberedMs = 60_000

/** Errors: `quota_exceeded`. */
export function createJobQuota(store: Pick<Store, 'countKeptJobs'>): Quota {
  return createQuota({
    count: store.countKeptJobs,
    rememberedMs,
    refusal: (limit, used) =>
      new AppError(
        'quota_exceeded',
        `This project may keep ${limit} jobs (jobs_kept), those that have ended among them, and it has ${used}.`,
      ),
  })
}
