/**
 * @file Preprocessing: how one raw row becomes numbers, as fitted on the training part; or a text, as
 * fitted on all of it.
 *
 * It is kept with the weights, since they mean nothing without it, and predict applies it to raw
 * rows. The width of a column comes from the dataset's schema, so it is known before training; the
 * statistics come from the training part alone.
 */
import { z } from 'zod'

import { ImageShape } from './datasets.ts'

/** encoded = (value - offset) / scale; a missing value counts as `impute`. */
const NumericFeature = z.strictObject({
  column: z.string(),
  type: z.literal('numeric'),
  offset: z.number(),
  scale: z.number(),
  impute: z.number(),
  /** One more number per row: 1 where the cell was missing. */
  missing_indicator: z.boolean(),
})

/** 0 or 1; a missing value is 0.5. */
const BooleanFeature = z.strictObject({
  column: z.string(),
  type: z.literal('boolean'),
  missing_indicator: z.boolean(),
})

/** One-hot in the order of `categories`. A category not `seen` in the training part is all zeros. */
const CategoricalFeature = z.strictObject({
  column: z.string(),
  type: z.literal('categorical'),
  categories: z.array(z.string()),
  seen: z.array(z.boolean()),
  missing_indicator: z.boolean(),
})

export const FeatureEncoding = z.discriminatedUnion('type', [
  NumericFeature,
  BooleanFeature,
  CategoricalFeature,
])
export type FeatureEncoding = z.infer<typeof FeatureEncoding>

export const TargetEncoding = z.discriminatedUnion('task', [
  z.strictObject({
    task: z.literal('classification'),
    column: z.string(),
    classes: z.array(z.string()),
    /** 1 for two classes behind one sigmoid, else one per class. */
    outputs: z.number().int(),
  }),
  z.strictObject({
    task: z.literal('regression'),
    /** encoded = (value - offset) / scale */
    columns: z.array(z.strictObject({ column: z.string(), offset: z.number(), scale: z.number() })),
  }),
])
export type TargetEncoding = z.infer<typeof TargetEncoding>

/** What it takes to read a network's answers. */
export type AnswerEncoding =
  | Pick<Extract<TargetEncoding, { task: 'classification' }>, 'task' | 'classes' | 'outputs'>
  | Extract<TargetEncoding, { task: 'regression' }>

export const TablePreprocessing = z.strictObject({
  version: z.literal(1),
  inputs: z.number().int(),
  features: z.array(FeatureEncoding),
  /** Of the inputs, where the features are the pixels of an image. */
  shape: z.array(z.number().int()).optional(),
  target: TargetEncoding,
})
export type TablePreprocessing = z.infer<typeof TablePreprocessing>

/** A character is the number of its place in `characters`, which are sorted by code point. */
export const TextPreprocessing = z.strictObject({
  version: z.literal(1),
  kind: z.literal('text'),
  tokenizer: z.literal('characters'),
  context: z.number().int(),
  characters: z.string(),
})
export type TextPreprocessing = z.infer<typeof TextPreprocessing>

/** encoded = pixel * scale; the labels are one per class, in the order of `classes`. */
export const ImagePreprocessing = z.strictObject({
  version: z.literal(1),
  kind: z.literal('images'),
  shape: ImageShape,
  scale: z.number(),
  target: z.strictObject({
    task: z.literal('classification'),
    classes: z.array(z.string()),
    outputs: z.number().int(),
  }),
})
export type ImagePreprocessing = z.infer<typeof ImagePreprocessing>

/** Where there is no `kind`, it is that of a table. */
export const Preprocessing = z.union([TablePreprocessing, TextPreprocessing, ImagePreprocessing])
export type Preprocessing = z.infer<typeof Preprocessing>
