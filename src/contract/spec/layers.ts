/** @file The layers that a model can be listed from, and how their weights start. */
import { z } from 'zod'

export const Activation = z.enum(['sigmoid', 'tanh', 'relu', 'gelu'])
export type Activation = z.infer<typeof Activation>

export const Initializer = z
  .enum(['torch_linear', 'glorot_uniform', 'glorot_normal', 'he_uniform', 'he_normal', 'zeros'])
  .or(z.strictObject({ type: z.literal('uniform'), low: z.number(), high: z.number() }))
  .meta({
    description:
      'How weights start. `torch_linear`: uniform within ±1/√inputs, as torch.nn.Linear.',
  })
export type Initializer = z.infer<typeof Initializer>

export const Units = z.number().int().min(1).max(65_536)
export const Rate = z.number().min(0).lt(1)

const Epsilon = z
  .number()
  .positive()
  .max(1)
  .default(1e-5)
  .meta({ description: 'Keeps what is constant from being divided by zero.' })

/** One number for both sides, or [height, width]. */
function sides(least: number) {
  const side = z.number().int().min(least).max(4096)
  return z.union([side, z.tuple([side, side], 'expected [height, width]')])
}
export const Size = sides(1).meta({ description: 'Of both sides, or [height, width].' })
export type Size = z.infer<typeof Size>
const Padding = sides(0).meta({
  description: 'On each side, or [height, width]: above and below, left and right.',
})

const Pool = {
  size: Size,
  stride: Size.optional().meta({ description: 'The size unless given: windows side by side.' }),
  padding: Padding.default(0),
}

const Heads = z.number().int().min(1).max(256)
const Channels = z.number().int().min(1).max(65_536)
const Bias = z.boolean().default(true)
const Causal = z.boolean().default(false).meta({
  description:
    'A token sees itself and those before it; else all of them, which a text refuses unless a flatten layer follows, since each position learns the next.',
})

const PlainLayer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('dense'),
    units: Units,
    bias: Bias,
    initializer: Initializer.default('torch_linear'),
    bias_initializer: Initializer.optional().meta({
      description: 'As torch.nn.Linear for torch_linear, otherwise zeros.',
    }),
  }),
  z.strictObject({ type: z.literal('sigmoid') }),
  z.strictObject({ type: z.literal('tanh') }),
  z.strictObject({ type: z.literal('relu') }),
  z.strictObject({
    type: z.literal('gelu'),
    approximate: z.enum(['none', 'tanh']).default('none'),
  }),
  z.strictObject({ type: z.literal('softmax') }),
  z.strictObject({ type: z.literal('dropout'), rate: Rate }),
  z.strictObject({
    type: z.literal('conv2d'),
    filters: Channels,
    kernel_size: Size,
    stride: Size.default(1),
    padding: z
      .union([Padding, z.literal('same')])
      .default(0)
      .meta({ description: 'On each side; "same" keeps height and width.' }),
    groups: z.number().int().min(1).max(65_536).default(1).meta({
      description: 'Filters and channels in so many parts, each by itself.',
    }),
    bias: Bias,
    initializer: Initializer.default('torch_linear'),
  }),
  z.strictObject({ type: z.literal('max_pool2d'), ...Pool }),
  z.strictObject({ type: z.literal('average_pool2d'), ...Pool }),
  z.strictObject({ type: z.literal('global_average_pool2d') }),
  z.strictObject({ type: z.literal('flatten') }).meta({
    description:
      'One row of all numbers. On a text the network then foretells one token, that after the window.',
  }),
  z.strictObject({
    type: z.literal('batch_norm'),
    epsilon: Epsilon,
    momentum: z.number().min(0).max(1).default(0.1).meta({
      description: "How far the running statistics move towards a batch's.",
    }),
  }),
  z.strictObject({ type: z.literal('layer_norm'), epsilon: Epsilon, bias: Bias }),
  z.strictObject({ type: z.literal('rms_norm'), epsilon: Epsilon }),
  z
    .strictObject({
      type: z.literal('embedding'),
      vocabulary: z.number().int().min(1).max(65_536).meta({
        description: 'How many tokens there are; a dataset of text says it.',
      }),
      channels: Channels,
      padding_token: z.number().int().min(0).max(65_535).optional().meta({
        description: 'Fills up short rows: no attention looks at its places.',
      }),
    })
    .superRefine(({ vocabulary, padding_token = 0 }, { addIssue }) => {
      if (padding_token < vocabulary) return
      const tokens = `one of the ${vocabulary} tokens, from 0 to ${vocabulary - 1}`
      const message = `expected ${tokens}, got ${padding_token}`
      addIssue({ code: 'custom', path: ['padding_token'], message })
    }),
  z
    .strictObject({
      type: z.literal('positions'),
      kind: z.enum(['learned', 'sinusoidal']).default('learned'),
      context: z.number().int().min(1).max(65_536).optional().meta({
        description: 'How many places there are; needed where they are learned.',
      }),
    })
    .refine(({ kind, context }) => kind !== 'learned' || context !== undefined, {
      path: ['context'],
      error: 'expected a number of places, since they are learned, got nothing',
    }),
  z.strictObject({
    type: z.literal('attention'),
    heads: Heads,
    causal: Causal,
    bias: Bias,
    rotary: z.boolean().default(false).meta({
      description: 'Queries and keys are turned by their position.',
    }),
    dropout: Rate.default(0),
  }),
  z.strictObject({
    type: z.literal('transformer_block'),
    heads: Heads,
    hidden: Units.optional().meta({ description: 'Four times the channels unless given.' }),
    norm: z.enum(['pre', 'post']).default('pre'),
    activation: z.enum(['gelu', 'relu']).default('gelu'),
    dropout: Rate.default(0),
    causal: Causal,
    bias: Bias,
  }),
])

/** Its own type, since no type can follow from a schema that holds itself. */
export interface ResidualSpec {
  type: 'residual'
  layers: LayerSpec[]
}
export type LayerSpec = z.infer<typeof PlainLayer> | ResidualSpec

const Residual = z.strictObject({
  type: z.literal('residual'),
  get layers(): z.ZodType<LayerSpec[]> {
    return z.array(LayerSpec).min(1).max(256)
  },
})

export const LayerSpec: z.ZodType<LayerSpec> = z
  .discriminatedUnion('type', [PlainLayer, Residual])
  .meta({ id: 'Layer' })
