/** @file Datasets: made once, inside the transaction that writes their file, and never changed. */

import type { Labels } from '../contract/common.ts'
import type { Cells, DatasetFormat, DatasetProfile, ProfileOutline } from '../contract/datasets.ts'
import { AppError } from '../contract/errors.ts'
import type { WrittenBlob } from './blobs/write-blob.ts'
import type { Dataset } from './generated/client.ts'
import { havingLabels } from './labels.ts'
import { type ListOptions, type ListPage, listPage } from './list-page.ts'
import type { PrismaClient } from './prisma.ts'
import type { Queryable } from './transaction.ts'

export type DatasetRow = Omit<Dataset, 'preview'>
export type DatasetSummaryRow = Omit<DatasetRow, 'profile'> & { readonly profile: ProfileOutline }

export interface NewDataset {
  readonly id: string
  readonly name: string | null
  readonly labels: Labels
  readonly format: DatasetFormat
  readonly blob: WrittenBlob
  readonly profile: DatasetProfile
  readonly preview: readonly Cells[]
}

export interface DatasetFilter {
  readonly name?: string | undefined
  readonly labels?: Labels | undefined
}

/** Returns the time of its creation. */
export async function createDataset(
  transaction: Queryable,
  projectId: string,
  dataset: NewDataset,
): Promise<Date> {
  const { rows } = await transaction.query<{ created_at: Date }>(
    `INSERT INTO datasets
      (id, project_id, name, labels, format, blob_id, bytes, sha256, profile, preview)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    RETURNING created_at`,
    [
      dataset.id,
      projectId,
      dataset.name,
      JSON.stringify(dataset.labels),
      dataset.format,
      dataset.blob.id,
      dataset.blob.bytes,
      dataset.blob.sha256,
      JSON.stringify(dataset.profile),
      JSON.stringify(dataset.preview),
    ],
  )
  return rows[0].created_at
}

/**
 * To be run in a transaction. Locking the row first makes a job that is being created either seen
 * here, or refused there.
 * Errors: `dataset_not_found`, `dataset_in_use` with the jobs.
 */
export async function deleteDataset(
  transaction: Queryable,
  projectId: string,
  datasetId: string,
): Promise<void> {
  const { rows } = await transaction.query<{ blob_id: string }>(
    'SELECT blob_id FROM datasets WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, datasetId],
  )
  const [found] = rows
  if (!found) {
    throw new AppError('dataset_not_found', `There is no dataset ${datasetId} in this project.`)
  }

  const users = await transaction.query<{ id: string }>(
    `SELECT id FROM jobs
    WHERE (dataset_id = $1 OR validation_dataset_id = $1) AND status IN ('queued', 'running', 'paused')
    ORDER BY id LIMIT 10`,
    [datasetId],
  )
  if (users.rows.length > 0) {
    const jobs = users.rows.map(({ id }) => id).join(', ')
    throw new AppError('dataset_in_use', `Unfinished jobs use ${datasetId}: ${jobs}.`)
  }
  await transaction.query('DELETE FROM datasets WHERE id = $1', [datasetId])
  await transaction.query('DELETE FROM blobs WHERE id = $1', [found.blob_id])
}

export function createDatasetReader(prisma: PrismaClient) {
  return {
    find(projectId: string, id: string): Promise<DatasetRow | null> {
      return prisma.dataset.findFirst({ where: { projectId, id }, omit: { preview: true } })
    },

    async preview(projectId: string, id: string): Promise<Dataset | null> {
      return prisma.dataset.findFirst({ where: { projectId, id } })
    },

    async list(
      projectId: string,
      filter: DatasetFilter,
      options: ListOptions,
    ): Promise<ListPage<DatasetSummaryRow>> {
      const { rows, hasMore } = await listPage(options, (page) =>
        prisma.dataset.findMany({
          ...page,
          where: {
            ...page.where,
            projectId,
            name: filter.name,
            AND: havingLabels(filter.labels),
          },
          omit: { preview: true, profile: true },
        }),
      )
      const outlines = await readOutlines(prisma, rows)
      // One that was deleted in between is none any more.
      const left = rows.flatMap((row) => {
        const profile = outlines.get(row.id)
        return profile ? [{ ...row, profile }] : []
      })
      return { rows: left, hasMore }
    },
  }
}

/** By id. A profile of 10,000 columns is 2 MB, so what is long of it stays in the database. */
async function readOutlines(
  prisma: PrismaClient,
  rows: readonly { readonly id: string }[],
): Promise<Map<string, ProfileOutline>> {
  const found = await prisma.$queryRaw<{ id: string; outline: ProfileOutline }[]>`
    SELECT id, profile - ARRAY['columns', 'classes', 'class_counts', 'warnings'] AS outline
    FROM datasets WHERE id = ANY(${rows.map(({ id }) => id)})`
  return new Map(found.map(({ id, outline }) => [id, outline]))
}
