/** @file The training part of a spec: for how long, how, and what is held out. */
import { z } from 'zod'

import { DatasetId } from '../ids.ts'

const LearningRate = z.number().positive().max(1e6)
const Decay = z.number().min(0).max(1e6)
const DecayedParameters = z.enum(['all', 'matrices']).meta({
  description:
    'What weight_decay applies to: every parameter, as in PyTorch, or matrices alone, which spares biases and norms.',
})
const Beta = z.number().min(0).lt(1)
/** Smaller ones are zero in float32. */
const Epsilon = z.number().min(1e-30).max(1)

export const OptimizerSpec = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('sgd'),
      learning_rate: LearningRate,
      weight_decay: Decay.default(0),
      decay: DecayedParameters.default('all'),
    }),
    z.strictObject({
      type: z.literal('momentum'),
      learning_rate: LearningRate,
      momentum: Beta.default(0.9),
      weight_decay: Decay.default(0),
      decay: DecayedParameters.default('all'),
    }),
    z.strictObject({
      type: z.literal('nesterov'),
      learning_rate: LearningRate,
      momentum: Beta.default(0.9),
      weight_decay: Decay.default(0),
      decay: DecayedParameters.default('all'),
    }),
    z.strictObject({
      type: z.literal('adam'),
      learning_rate: LearningRate,
      beta1: Beta.default(0.9),
      beta2: Beta.default(0.999),
      epsilon: Epsilon.default(1e-8),
      weight_decay: Decay.default(0),
      decay: DecayedParameters.default('all'),
    }),
    z.strictObject({
      type: z.literal('adamw'),
      learning_rate: LearningRate,
      beta1: Beta.default(0.9),
      beta2: Beta.default(0.999),
      epsilon: Epsilon.default(1e-8),
      weight_decay: Decay.default(0.01),
      decay: DecayedParameters.default('all'),
    }),
    z.strictObject({
      type: z.literal('rmsprop'),
      learning_rate: LearningRate,
      alpha: Beta.default(0.99),
      epsilon: Epsilon.default(1e-8),
      momentum: Beta.default(0),
      weight_decay: Decay.default(0),
      decay: DecayedParameters.default('all'),
    }),
  ])
  .meta({ id: 'Optimizer', description: "With PyTorch's definitions and defaults." })
export type OptimizerSpec = z.infer<typeof OptimizerSpec>

const Steps = z.number().int().min(0).max(1e9)
const Part = z.number().min(0).max(1)

export const ScheduleSpec = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('constant'), warmup_steps: Steps.default(0) }),
    z.strictObject({
      type: z.literal('step'),
      every_steps: Steps.min(1),
      factor: z.number().positive().max(1).default(0.1),
      warmup_steps: Steps.default(0),
    }),
    z.strictObject({
      type: z.literal('cosine'),
      warmup_steps: Steps.default(0),
      final_factor: z.number().min(0).max(1).default(0).meta({
        description:
          'Where the learning rate falls to, as a part of the first: reached one step after the last.',
      }),
    }),
    z.strictObject({
      type: z.literal('linear'),
      warmup_steps: Steps.default(0),
      final_factor: Part.default(0).meta({
        description:
          'Where the learning rate falls to, as a part of the first: reached one step after the last.',
      }),
    }),
    z
      .strictObject({
        type: z.literal('one_cycle'),
        warmup_fraction: z.number().gt(0).lt(1).optional().meta({
          description: 'Of all steps, until the rate has risen to its peak; 0.3 unless given.',
        }),
        warmup_steps: Steps.min(1).optional().meta({ description: 'In place of the fraction.' }),
        initial_factor: Part.default(0.04).meta({
          description: 'The first learning rate, as a part of the peak.',
        }),
        final_factor: Part.default(4e-6).meta({
          description: 'The learning rate of the last step, as a part of the peak.',
        }),
      })
      .refine(
        ({ warmup_fraction, warmup_steps }) =>
          warmup_fraction === undefined || warmup_steps === undefined,
        {
          path: ['warmup_steps'],
          error: 'expected either warmup_fraction or warmup_steps, got both; leave one out',
        },
      )
      .meta({ description: "learning_rate is the peak. As PyTorch's OneCycleLR, along cosines." }),
  ])
  .meta({
    id: 'Schedule',
    description:
      'How the learning rate changes; warm-up is linear: step t of w, from 0, has (t + 1) / (w + 1) of the rate. one_cycle has its own.',
  })
export type ScheduleSpec = z.infer<typeof ScheduleSpec>

export const ValidationSpec = z
  .union([
    z.strictObject({
      fraction: z.number().gt(0).lt(1),
      stratify: z.boolean().default(true).meta({
        description: 'Keep the proportions of the classes. Without effect on regression.',
      }),
    }),
    z.strictObject({
      dataset: DatasetId.meta({ description: 'A dataset of its own, with the same columns.' }),
    }),
  ])
  .meta({ id: 'Validation' })
export type ValidationSpec = z.infer<typeof ValidationSpec>

export const EarlyStoppingSpec = z
  .strictObject({
    patience: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .meta({ description: 'Epochs without progress.' }),
    min_delta: z.number().min(0).default(0),
    monitor: z
      .enum(['validation_loss', 'loss'])
      .optional()
      .meta({ description: 'validation_loss where there is validation, else loss.' }),
    restore_best: z.boolean().default(true),
  })
  .meta({ id: 'EarlyStopping' })
export type EarlyStoppingSpec = z.infer<typeof EarlyStoppingSpec>

const defaultEpochs = 10

export const TrainingSpec = z
  .strictObject({
    epochs: z
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .meta({ description: 'How often every row is seen; 10 unless this or steps is given.' }),
    steps: z.number().int().min(1).max(2_147_483_647).optional().meta({
      description:
        'How many batches are learned from, instead of epochs; the last epoch may end early.',
    }),
    batch_size: z
      .union([z.number().int().min(1).max(1_000_000), z.literal('full')])
      .default(32)
      .meta({
        description: '"full": every step sees all rows. The last batch of an epoch may be smaller.',
      }),
    shuffle: z.boolean().default(true),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    optimizer: OptimizerSpec.default({
      type: 'adam',
      learning_rate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weight_decay: 0,
      decay: 'all',
    }),
    schedule: ScheduleSpec.default({ type: 'constant', warmup_steps: 0 }),
    gradient_clipping: z
      .strictObject({ max_norm: z.number().positive().max(1e9) })
      .optional()
      .meta({ description: 'Scales all gradients together when their norm is larger.' }),
    gradient_accumulation: z.number().int().min(1).max(10_000).default(1).meta({
      description: 'Batches whose mean gradient makes one step.',
    }),
    validation: ValidationSpec.optional(),
    early_stopping: EarlyStoppingSpec.optional(),
    threads: z
      .union([z.number().int().min(1).max(64), z.literal('auto')])
      .default('auto')
      .meta({
        description:
          'Threads that compute the job together, at most: fewer where steps are too short to be shared, or the worker has fewer. The weights are the same to the bit.',
      }),
    report_every: z.number().int().min(1).max(1e9).optional().meta({
      description:
        'Steps per reported loss, which is their mean. Unless given, chosen so that a job has at most 2,000 points, of all its metrics together, and one of less than 4e9 operations fewer, down to 250.',
    }),
    checkpoint_every: z.number().int().min(1).max(2_147_483_647).optional().meta({
      description:
        'Steps from one checkpoint to the next, in place of some 30 seconds. One that comes due within a second of the one before, or would make checkpoints cost more than 2 % of the time, is left out.',
    }),
  })
  .refine(({ epochs, steps }) => epochs === undefined || steps === undefined, {
    path: ['steps'],
    error: 'expected either epochs or steps, got both; leave one out',
  })
  .overwrite((training) =>
    training.epochs === undefined && training.steps === undefined
      ? { ...training, epochs: defaultEpochs }
      : training,
  )
  .meta({ id: 'Training' })
export type TrainingSpec = z.infer<typeof TrainingSpec>
