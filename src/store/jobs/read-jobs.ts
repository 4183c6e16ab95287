/** @file Lists of jobs and of their runs, and counts, through Prisma. */
import type { Labels } from '../../contract/common.ts'
import type { JobStatus } from '../../contract/jobs.ts'
import type { Job, Run, Weights } from '../generated/client.ts'
import { havingLabels } from '../labels.ts'
import { type ListOptions, type ListPage, listPage } from '../list-page.ts'
import type { PrismaClient } from '../prisma.ts'

/** A job's row with what is shown beside it. */
export type JobRow = Job & { readonly weights: Pick<Weights, 'bytes' | 'sha256'> | null }
export type JobSummaryRow = Omit<JobRow, 'spec' | 'plan' | 'evaluation'>
export type RunRow = Run

export interface JobFilter {
  readonly status?: JobStatus | undefined
  readonly dataset?: string | undefined
  readonly name?: string | undefined
  readonly labels?: Labels | undefined
}

const withWeights = { weights: { select: { bytes: true, sha256: true } } } as const

export function createJobReader(prisma: PrismaClient) {
  return {
    list(
      projectId: string,
      filter: JobFilter,
      options: ListOptions,
    ): Promise<ListPage<JobSummaryRow>> {
      return listPage(options, (page) =>
        prisma.job.findMany({
          ...page,
          where: {
            ...page.where,
            projectId,
            status: filter.status,
            datasetId: filter.dataset,
            name: filter.name,
            AND: havingLabels(filter.labels),
          },
          include: withWeights,
          omit: { spec: true, plan: true, evaluation: true },
        }),
      )
    },

    runs(jobId: string, options: ListOptions): Promise<ListPage<RunRow>> {
      return listPage(options, (page) =>
        prisma.run.findMany({ ...page, where: { ...page.where, jobId } }),
      )
    },
  }
}
