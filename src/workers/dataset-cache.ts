/**
 * @file Dataset files in shared memory, the latest used ones kept: many small jobs often train on
 * the same data. A dataset never changes, so an entry is never stale.
 */

import type { DatasetProfile } from '../contract/datasets.ts'
import type { DatasetFile } from '../contract/tasks.ts'
import { fromJson } from '../store/json.ts'
import type { Store } from '../store/store.ts'

export interface DatasetCache {
  /**
   * Calls `onPiece` for each piece that is read: a large one takes minutes. Rejects when the dataset is
   * gone, which a job that uses it does not let happen.
   */
  load(projectId: string, datasetId: string, onPiece?: () => void): Promise<DatasetFile>
}

export function createDatasetCache(
  store: Pick<Store, 'datasets' | 'readBlobIntoSharedMemory'>,
  maxBytes: number,
): DatasetCache {
  /** In order of use, the latest last. */
  const files = new Map<string, DatasetFile>()
  let bytes = 0

  async function read(
    projectId: string,
    datasetId: string,
    onPiece?: () => void,
  ): Promise<DatasetFile> {
    const row = await store.datasets.find(projectId, datasetId)
    if (!row) throw new Error(`Dataset ${datasetId} of project ${projectId} is gone.`)
    return {
      format: row.format,
      profile: fromJson<DatasetProfile>(row.profile),
      bytes: await store.readBlobIntoSharedMemory(row.blobId, Number(row.bytes), onPiece),
    }
  }

  function remember(datasetId: string, file: DatasetFile): void {
    if (file.bytes.byteLength > maxBytes) return
    files.set(datasetId, file)
    bytes += file.bytes.byteLength
    for (const [oldest, { bytes: freed }] of files) {
      if (bytes <= maxBytes) break
      files.delete(oldest)
      bytes -= freed.byteLength
    }
  }

  return {
    async load(projectId, datasetId, onPiece) {
      const known = files.get(datasetId)
      if (known) {
        files.delete(datasetId)
        files.set(datasetId, known)
        return known
      }
      const file = await read(projectId, datasetId, onPiece)
      if (!files.has(datasetId)) remember(datasetId, file)
      return file
    },
  }
}
