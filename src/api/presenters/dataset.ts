/** @file A dataset as clients see it: its row, with what was learned of its file laid out flat. */

import type { z } from 'zod'
import type { Labels } from '../../contract/common.ts'
import type {
  Cell,
  Dataset,
  DatasetFormat,
  DatasetProfile,
  DatasetSummary,
  ProfileOutline,
  RowsPreview,
} from '../../contract/datasets.ts'
import type { DatasetRow, DatasetSummaryRow } from '../../store/datasets.ts'
import { fromJson } from '../../store/json.ts'

/** As it was just made, or as it was read. */
export interface SummarizedDataset {
  readonly id: string
  readonly name: string | null
  readonly labels: Labels
  readonly format: DatasetFormat
  readonly bytes: number
  readonly sha256: string
  readonly profile: ProfileOutline
  readonly createdAt: Date
}

export interface PresentableDataset extends SummarizedDataset {
  readonly profile: DatasetProfile
}

export function datasetOf(row: DatasetRow): PresentableDataset {
  return {
    ...row,
    labels: fromJson<Labels>(row.labels),
    bytes: Number(row.bytes),
    profile: fromJson<DatasetProfile>(row.profile),
  }
}

export function summaryOf(row: DatasetSummaryRow): SummarizedDataset {
  return { ...row, labels: fromJson<Labels>(row.labels), bytes: Number(row.bytes) }
}

export function presentDataset(dataset: PresentableDataset): Dataset {
  const { profile } = dataset
  const images = profile.kind === 'images' ? profile : null
  return {
    ...presentDatasetSummary(dataset),
    columns: profile.kind === 'table' ? profile.columns : null,
    classes: images?.classes ?? null,
    class_counts: images?.class_counts ?? null,
    warnings: profile.warnings,
  }
}

export function presentDatasetSummary({ profile, ...dataset }: SummarizedDataset): DatasetSummary {
  return {
    id: dataset.id,
    object: 'dataset',
    name: dataset.name,
    labels: dataset.labels,
    format: dataset.format,
    bytes: dataset.bytes,
    sha256: dataset.sha256,
    kind: profile.kind,
    rows: profile.rows ?? null,
    characters: profile.characters ?? null,
    vocabulary: profile.vocabulary ?? null,
    shape: profile.shape ?? null,
    created_at: dataset.createdAt.toISOString(),
  }
}

/** The first rows by position, under the names of their columns. */
export function presentPreview(
  { profile, preview }: { readonly profile: unknown; readonly preview: unknown },
  limit: number,
): z.infer<typeof RowsPreview> {
  const known = fromJson<DatasetProfile>(profile)
  return {
    object: 'rows',
    columns: known.kind === 'table' ? known.columns.map(({ name }) => name) : [],
    data: fromJson<Cell[][]>(preview).slice(0, limit),
  }
}
