/**
 * @file What admission knows of the datasets that jobs named last: thousands of small jobs often train
 * on the same one, and a dataset never changes. It may be deleted, which the statement that creates a
 * job finds out.
 */
import type { TrainingDataset } from './admit-job.ts'

export interface KnownDatasets {
  /** What `read` returns, or has returned before. */
  get(
    projectId: string,
    datasetId: string,
    read: () => Promise<TrainingDataset>,
  ): Promise<TrainingDataset>
  forget(projectId: string, datasetId: string): void
}

const maxEntries = 200
/** A profile of more columns is read again: it may be megabytes. */
const maxColumns = 100

export function createKnownDatasets(): KnownDatasets {
  /** In order of use, the latest last. */
  const known = new Map<string, TrainingDataset>()
  const keyOf = (projectId: string, datasetId: string) => `${projectId} ${datasetId}`

  function remember(key: string, dataset: TrainingDataset): void {
    known.delete(key)
    known.set(key, dataset)
    const [oldest] = known.keys()
    if (known.size > maxEntries) known.delete(oldest)
  }

  return {
    async get(projectId, datasetId, read) {
      const key = keyOf(projectId, datasetId)
      const dataset = known.get(key) ?? (await read())
      const { profile } = dataset
      if (profile.kind !== 'table' || profile.columns.length <= maxColumns) remember(key, dataset)
      return dataset
    },
    forget(projectId, datasetId) {
      known.delete(keyOf(projectId, datasetId))
    },
  }
}
