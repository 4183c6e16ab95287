/** @file The weights of a job: where their file is, and how rows are prepared for them. */
import type { Preprocessing } from '../contract/preprocessing.ts'
import { fromJson } from './json.ts'
import type { PrismaClient } from './prisma.ts'

export interface WeightsRow {
  readonly blobId: string
  readonly bytes: number
  readonly sha256: string
  readonly preprocessing: Preprocessing
}

export function createWeightsReader(prisma: PrismaClient) {
  return {
    async find(projectId: string, jobId: string): Promise<WeightsRow | null> {
      const row = await prisma.weights.findFirst({ where: { jobId, job: { projectId } } })
      if (!row) return null
      return {
        blobId: row.blobId,
        bytes: Number(row.bytes),
        sha256: row.sha256,
        preprocessing: fromJson<Preprocessing>(row.preprocessing),
      }
    },
  }
}
