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
/**
 * Columns and their categories, of all together: some 100 bytes each. A table of 10,000 columns is 2 MB
 * of JSON, 10 to 25 ms to read and parse.
 */
const maxValues = 400_000
/** In the bytes of a value. */
const charactersOfValue = 50

interface Entry {
  readonly dataset: TrainingDataset
  readonly values: number
}

export function createKnownDatasets(): KnownDatasets {
  /** In order of use, the latest last. */
  const known = new Map<string, Entry>()
  const keyOf = (projectId: string, datasetId: string) => `${projectId} ${datasetId}`
  let values = 0

  function forget(key: string): void {
    values -= known.get(key)?.values ?? 0
    known.delete(key)
  }

  function remember(key: string, entry: Entry): void {
    forget(key)
    if (entry.values > maxValues) return
    known.set(key, entry)
    values += entry.values
    for (const oldest of known.keys()) {
      if (known.size <= maxEntries && values <= maxValues) return
      forget(oldest)
    }
  }

  return {
    async get(projectId, datasetId, read) {
      const key = keyOf(projectId, datasetId)
      const entry = known.get(key) ?? entryOf(await read())
      remember(key, entry)
      return entry.dataset
    },
    forget(projectId, datasetId) {
      forget(keyOf(projectId, datasetId))
    },
  }
}

function entryOf(dataset: TrainingDataset): Entry {
  const { profile } = dataset
  if (profile.kind === 'text') {
    return { dataset, values: 1 + Math.ceil((profile.alphabet?.length ?? 0) / charactersOfValue) }
  }
  if (profile.kind !== 'table') return { dataset, values: 1 }
  const categories = profile.columns.map((column) => column.categories?.length ?? 0)
  return { dataset, values: categories.reduce((sum, count) => sum + 1 + count, 0) }
}
