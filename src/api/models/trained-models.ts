/**
 * @file Trained models for predictions, their weights in shared memory. The latest used are kept, and
 * one that many ask for at once is read once. Weights never change, so nothing here is ever stale.
 */
import type { Spec } from '../../contract/spec/spec.ts'
import type { TrainedModel } from '../../contract/tasks.ts'
import { BlobGone } from '../../store/blobs/read-blob.ts'
import { fromJson } from '../../store/json.ts'
import type { Store } from '../../store/store.ts'
import type { PredictCost } from '../../threads/pool.ts'
import { createScheduler } from '../../threads/scheduler.ts'
import { noSuchJob } from '../find-job.ts'
import type { JobWithWeights } from '../find-weights.ts'

export interface TrainedModels {
  /**
   * The model is held in memory until `work` has ended. Errors: those of `work`, and `job_not_found`
   * when the job is deleted meanwhile. Projects take turns as in the thread pool, and leave likewise.
   */
  use<T>(
    found: JobWithWeights,
    terms: Pick<PredictCost, 'group' | 'signal'>,
    work: (model: TrainedModel) => Promise<T>,
  ): Promise<T>
}

export interface TrainedModelsOptions {
  readonly store: Pick<Store, 'readBlobIntoSharedMemory'>
  /** Of the models that are kept, and once more of those in use. */
  readonly maxBytes: number
}

/** Predictions under way; the others wait without weights in memory. */
const maxInUse = 64

export function createTrainedModels({ store, maxBytes }: TrainedModelsOptions): TrainedModels {
  /** In order of use, the latest last. */
  const kept = new Map<string, { readonly model: Promise<TrainedModel>; readonly bytes: number }>()
  const inUse = createScheduler({ threads: maxInUse, bytes: maxBytes })
  let keptBytes = 0

  function forget(jobId: string): void {
    keptBytes -= kept.get(jobId)?.bytes ?? 0
    kept.delete(jobId)
  }

  async function load({ job, weights }: JobWithWeights): Promise<TrainedModel> {
    const { blobId, bytes, preprocessing } = weights
    const content = await store.readBlobIntoSharedMemory(blobId, bytes).catch((error) => {
      throw error instanceof BlobGone ? noSuchJob(job.id) : error
    })
    return { jobId: job.id, spec: fromJson<Spec>(job.spec), preprocessing, weights: content }
  }

  function find(found: JobWithWeights): Promise<TrainedModel> {
    const { id } = found.job
    const { bytes } = found.weights
    const model = kept.get(id)?.model ?? load(found)
    forget(id)
    if (bytes > maxBytes) return model
    kept.set(id, { model, bytes })
    keptBytes += bytes
    model.catch(() => {
      if (kept.get(id)?.model === model) forget(id)
    })
    for (const oldest of kept.keys()) {
      if (keptBytes <= maxBytes) break
      forget(oldest)
    }
    return model
  }

  return {
    async use(found, { signal, ...whose }, work) {
      const bytes = Math.min(found.weights.bytes, maxBytes)
      const release = await inUse.acquire({ threads: 1, bytes, ...whose }, signal)
      try {
        return await work(await find(found))
      } finally {
        release()
      }
    },
  }
}
