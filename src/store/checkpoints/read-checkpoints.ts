/** @file Checkpoints as clients ask for them, through Prisma. */
import type { Preprocessing } from '../../contract/preprocessing.ts'
import type { Checkpoint } from '../generated/client.ts'
import { fromJson } from '../json.ts'
import { type ListOptions, type ListPage, listPage } from '../list-page.ts'
import type { PrismaClient } from '../prisma.ts'
import type { WeightsRow } from '../weights.ts'

export type CheckpointRow = Omit<Checkpoint, 'preprocessing'>

export interface CheckpointWeights extends WeightsRow {
  readonly step: number
}

export function createCheckpointReader(prisma: PrismaClient) {
  return {
    /** The caller has seen that the job is the project's. */
    list(jobId: string, options: ListOptions): Promise<ListPage<CheckpointRow>> {
      return listPage(options, (page) =>
        prisma.checkpoint.findMany({
          ...page,
          where: { ...page.where, jobId },
          omit: { preprocessing: true },
        }),
      )
    },

    async weights(jobId: string, id: string): Promise<CheckpointWeights | null> {
      const row = await prisma.checkpoint.findFirst({ where: { id, jobId } })
      if (!row) return null
      return {
        step: row.step,
        blobId: row.blobId,
        bytes: Number(row.bytes),
        sha256: row.sha256,
        preprocessing: fromJson<Preprocessing>(row.preprocessing),
      }
    },
  }
}
