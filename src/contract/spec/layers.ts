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

export const LayerSpec = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('dense'),
      units: Units,
      bias: z.boolean().default(true),
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
  ])
  .meta({ id: 'Layer' })
export type LayerSpec = z.infer<typeof LayerSpec>
