/**
 * @file Whether a project may keep another job: its row, with a spec of up to 256 KiB, its events and its
 * losses stay when it has ended, until somebody deletes it.
 */
import type { Store } from '../../store/store.ts'
import { createQuota, type Quota } from './quota.ts'

/** A million jobs are counted in some 0.1 s, and nobody but clients adds to them. */
const rememberedMs = 60_000

export function createJobQuota(store: Pick<Store, 'countKeptJobs'>): Quota {
  return createQuota({
    count: store.countKeptJobs,
    rememberedMs,
    refusal: (limit, used) =>
      `This project may keep ${limit} jobs (jobs_kept), those that have ended among them, and it has ${used}.`,
  })
}
