/**
 * @file The spec: the JSON that says what to train, on what, and how. It is data, never code.
 *
 * A spec is stored with the job as it was understood, defaults filled in, and with its hash: the
 * same spec, data and seed give the same bits.
 */
import { z } from 'zod'

import { Labels, Name } from '../common.ts'
import { ImageShape, rows } from '../datasets.ts'
import { CheckpointId, DatasetId, JobId } from '../ids.ts'
import { ModelSpec } from './model.ts'
import { TrainingSpec } from './training.ts'

/** Grows when a spec of the same words would train otherwise. */
export const specVersion = 1

const ColumnName = z.string().min(1).max(1000)

export const InlineRows = z
  .strictObject({
    rows: rows(10_000),
  })
  .meta({ id: 'InlineRows', description: 'Becomes a dataset of its own, with the job.' })

export const TargetSpec = z
  .union([
    z.strictObject({
      column: ColumnName,
      task: z.enum(['classification', 'regression']).optional().meta({
        description:
          'Text and booleans are classes, numbers are quantities, unless said otherwise here.',
      }),
    }),
    z.strictObject({
      columns: z.array(ColumnName).min(1).max(10_000).meta({
        description: 'Several quantities at once: regression.',
      }),
    }),
  ])
  .meta({ id: 'Target' })
export type TargetSpec = z.infer<typeof TargetSpec>

export const Scaling = z.enum(['standardize', 'min_max', 'none'])
export type Scaling = z.infer<typeof Scaling>

export const FeaturesSpec = z
  .strictObject({
    columns: z
      .array(ColumnName)
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'Which columns to learn from; all but the target unless given.' }),
    exclude: z.array(ColumnName).max(100_000).default([]),
    scaling: Scaling.default('standardize').meta({ description: 'Of numeric columns.' }),
    image: z.strictObject({ shape: ImageShape }).optional().meta({
      description:
        'The columns, in their order, are the pixels of an image: channel by channel, row by row.',
    }),
    target_scaling: Scaling.default('none').meta({
      description: 'Of quantities to predict; predictions are scaled back.',
    }),
  })
  .meta({
    id: 'Features',
    description:
      'How columns become numbers: numeric ones are scaled, categories and booleans one-hot, a missing cell is the mean or no category, with a column that says so. Fitted on the training part alone.',
  })
export type FeaturesSpec = z.infer<typeof FeaturesSpec>

export const TextSpec = z
  .strictObject({
    tokenizer: z.literal('characters').default('characters').meta({
      description: 'Every distinct character of the dataset is a token, in the order of Unicode.',
    }),
    context: z.number().int().min(1).max(65_536).meta({
      description: 'Tokens that the network reads at once. Each is learned to foretell the next.',
    }),
  })
  .meta({
    id: 'Text',
    description: 'How a plain text is read; needed for a dataset of text, and only there.',
  })
export type TextSpec = z.infer<typeof TextSpec>

export const LossName = z.enum([
  'mean_squared_error',
  'binary_cross_entropy',
  'categorical_cross_entropy',
])
export type LossName = z.infer<typeof LossName>

export const InitFrom = z
  .strictObject({
    job: JobId,
    checkpoint: CheckpointId.optional().meta({
      description: 'One of that job; its final weights unless given, once it has succeeded.',
    }),
  })
  .meta({
    id: 'InitFrom',
    description:
      "The weights that the training begins with: those of a job of the project, or of one of its checkpoints. They must be of the same model: the names and shapes of its tensors are compared, and nothing else, so what they do not show (attention heads, activations, dropout, what a column means) is yours to keep. Steps, optimizer and the encoding of the data are the new job's own.",
  })
export type InitFrom = z.infer<typeof InitFrom>

const specFields = {
  target: TargetSpec.optional().meta({
    description:
      'What is to be learned of a table; a text is its own target, and images have labels.',
  }),
  features: FeaturesSpec.optional().meta({
    description: 'All columns of a table but the target, standardized, unless given.',
  }),
  text: TextSpec.optional(),
  model: ModelSpec,
  init_from: InitFrom.optional(),
  loss: LossName.optional().meta({
    description:
      'mean_squared_error for regression, binary_cross_entropy for two classes, categorical_cross_entropy for more, unless given.',
  }),
  training: TrainingSpec.default(() => TrainingSpec.parse({})),
}

/** As stored: the dataset is an id by now. */
export const Spec = z
  .strictObject({ version: z.literal(specVersion), dataset: DatasetId, ...specFields })
  .meta({ id: 'Spec' })
export type Spec = z.infer<typeof Spec>

/** Those of a table, as given or else by default. */
export function featuresOf({ features }: Pick<Spec, 'features'>): FeaturesSpec {
  return features ?? FeaturesSpec.parse({})
}

/** As POSTed: the spec, and what is said about the job itself. */
export const CreateJob = z
  .strictObject({
    name: Name.optional(),
    labels: Labels.optional(),
    priority: z
      .number()
      .int()
      .min(-100)
      .max(100)
      .default(0)
      .meta({ description: 'Within the project; higher goes first.' }),
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(3)
      .meta({ description: 'Runs that may crash before the job fails.' }),
    version: z.literal(specVersion).default(specVersion),
    dataset: z.union([DatasetId, InlineRows]),
    ...specFields,
  })
  .meta({ id: 'CreateJob' })
export type CreateJob = z.infer<typeof CreateJob>
