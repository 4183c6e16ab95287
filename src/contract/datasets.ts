/**
 * @file Datasets: immutable, content-hashed rows, text or images, with a schema that was inferred
 * while the file came in.
 */
import { z } from 'zod'

import { LabelFilter, Labels, labelsOf, Name, page, pageQuery, Time } from './common.ts'
import { DatasetId } from './ids.ts'
import { rowsOf } from './rows.ts'

/** What a file can be, by its media type. */
export const datasetFormats = {
  csv: 'text/csv',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  text: 'text/plain',
  idx: 'application/x-idx',
} as const

export const DatasetFormat = z.enum(['csv', 'jsonl', 'json', 'text', 'idx'])
export type DatasetFormat = z.infer<typeof DatasetFormat>

/**
 * - `numeric`: every present value is a finite number.
 * - `boolean`: true/false (any case), or yes/no. 0/1 stays numeric.
 * - `categorical`: text with at most `maxCategories` distinct values.
 * - `text`: more distinct values than that; it can be stored, but not be a feature.
 */
export const ColumnType = z.enum(['numeric', 'boolean', 'categorical', 'text'])
export type ColumnType = z.infer<typeof ColumnType>

/** More distinct values than this make a text column `text`, and a numeric column unfit as a class. */
export const maxCategories = 1000

export const Column = z
  .strictObject({
    name: z.string(),
    type: ColumnType,
    missing: z.number().int().meta({ description: 'Cells that are empty or null.' }),
    first_missing_row: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Counted from 1, the header not included.' }),
    distinct: z
      .number()
      .int()
      .nullable()
      .meta({ description: `Distinct present values; null when more than ${maxCategories}.` }),
    categories: z.array(z.string()).nullable().meta({
      description:
        'The distinct present values as text, sorted (numbers by size); null when too many.',
    }),
    category_counts: z
      .array(z.number().int())
      .nullable()
      .meta({ description: 'How often each of `categories` occurs.' }),
    min: z.number().nullable(),
    max: z.number().nullable(),
    mean: z.number().nullable(),
    standard_deviation: z.number().nullable().meta({ description: 'Of the population.' }),
    integer: z.boolean().meta({ description: 'Numeric, and every value is whole.' }),
  })
  .meta({ id: 'Column' })
export type Column = z.infer<typeof Column>

/** A text of more distinct characters than this can be stored, but not be trained on. */
export const maxVocabulary = 65_536
/** A profile names no more than so many: 40 KB. */
export const maxAlphabet = 10_000

export const ImageShape = z
  .tuple([z.number().int().min(1), z.number().int().min(1), z.number().int().min(1)])
  .meta({ id: 'ImageShape', description: 'Channels, height, width.' })
export type ImageShape = z.infer<typeof ImageShape>

/** What was learned about a file while it was read. */
export const DatasetProfile = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('table'),
    rows: z.number().int(),
    columns: z.array(Column),
    warnings: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('text'),
    characters: z.number().int().meta({ description: 'Unicode code points.' }),
    lines: z.number().int(),
    vocabulary: z
      .number()
      .int()
      .nullable()
      .meta({ description: `Distinct characters; null when more than ${maxVocabulary}.` }),
    alphabet: z
      .string()
      .optional()
      .meta({
        description: `These characters, by code point; not there when more than ${maxAlphabet}.`,
      }),
    warnings: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('images'),
    rows: z.number().int(),
    shape: ImageShape,
    classes: z.array(z.string()).meta({ description: 'The distinct labels, by size.' }),
    class_counts: z.array(z.number().int()),
    warnings: z.array(z.string()),
  }),
])
export type DatasetProfile = z.infer<typeof DatasetProfile>
export type TableProfile = Extract<DatasetProfile, { kind: 'table' }>
export type ImageProfile = Extract<DatasetProfile, { kind: 'images' }>
export type TextProfile = Extract<DatasetProfile, { kind: 'text' }>

export const Dataset = z
  .strictObject({
    id: DatasetId,
    object: z.literal('dataset'),
    name: z.string().nullable(),
    labels: Labels,
    format: DatasetFormat,
    bytes: z.number().int(),
    sha256: z.string(),
    kind: z.enum(['table', 'text', 'images']),
    rows: z.number().int().nullable().meta({ description: 'null for text.' }),
    columns: z.array(Column).nullable().meta({ description: 'null unless it is a table.' }),
    characters: z.number().int().nullable().meta({ description: 'null unless it is text.' }),
    vocabulary: z
      .number()
      .int()
      .nullable()
      .meta({
        description: `Distinct characters of a text; null for others, and when more than ${maxVocabulary}.`,
      }),
    shape: ImageShape.nullable().meta({
      description: 'Channels, height, width of every image; null unless it is images.',
    }),
    classes: z.array(z.string()).nullable().meta({
      description: 'The distinct labels of images; those of a table stand with its columns.',
    }),
    class_counts: z.array(z.number().int()).nullable(),
    warnings: z.array(z.string()),
    created_at: Time,
  })
  .meta({ id: 'Dataset' })
export type Dataset = z.infer<typeof Dataset>

/** A dataset in a list: without what was learned of its columns and classes, which can be megabytes. */
export const DatasetSummary = Dataset.omit({
  columns: true,
  classes: true,
  class_counts: true,
  warnings: true,
}).meta({ id: 'DatasetSummary' })
export type DatasetSummary = z.infer<typeof DatasetSummary>
export const DatasetPage = page(DatasetSummary).meta({ id: 'DatasetPage' })

/** As much of a profile as a list shows. */
export interface ProfileOutline {
  readonly kind: DatasetProfile['kind']
  readonly rows?: number
  readonly characters?: number
  readonly vocabulary?: number | null
  readonly shape?: ImageShape
}

const maxCellLength = 65_536

/** A cell of an inline or predicted row. */
export const Cell = z.union([z.string().max(maxCellLength), z.number(), z.boolean(), z.null()])
export type Cell = z.infer<typeof Cell>

export const Row = z.record(z.string(), Cell)
export type Row = z.infer<typeof Row>

/** Rows inside a body. */
export function rows(max: number) {
  return rowsOf(Row, isCell, max)
}

export function isCell(value: unknown): value is Cell {
  if (typeof value === 'string') return value.length <= maxCellLength
  return value === null || typeof value === 'boolean' || Number.isFinite(value)
}

/** A row by position, parallel to the columns of a table. */
export type Cells = readonly Cell[]

export const DatasetQuery = z.strictObject({
  ...pageQuery(DatasetId),
  label: LabelFilter.optional(),
  name: Name.optional(),
})

/** Of an upload; in multipart/form-data the same things can be fields. */
export const UploadQuery = z.strictObject({
  name: Name.optional(),
  label: LabelFilter.transform(labelsOf).pipe(Labels).optional(),
  format: DatasetFormat.optional().meta({ description: 'Where the media type does not tell.' }),
})
export type UploadQuery = z.infer<typeof UploadQuery>

export const RowsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10),
})

export const RowsPreview = z
  .strictObject({
    object: z.literal('rows'),
    columns: z.array(z.string()),
    data: z.array(z.array(Cell)),
  })
  .meta({ id: 'RowsPreview' })
