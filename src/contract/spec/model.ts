/** @file The model part of a spec: a preset, or a plain list of layers. */
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

const Units = z.number().int().min(1).max(65_536)
const Rate = z.number().min(0).lt(1)

export const MlpModel = z
  .strictObject({
    type: z.literal('mlp'),
    hidden: z
      .array(Units)
      .max(32)
      .default([])
      .meta({ description: 'Units of each hidden layer; empty for a linear model.' }),
    activation: Activation.default('relu'),
    dropout: Rate.default(0).meta({ description: 'After each hidden activation.' }),
    initializer: Initializer.default('torch_linear'),
  })
  .meta({
    id: 'MlpModel',
    description:
      'Dense layers; the last one is made to fit the target, with a softmax or sigmoid for classes.',
  })
export type MlpModel = z.infer<typeof MlpModel>

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

export const LayersModel = z
  .strictObject({
    type: z.literal('layers'),
    layers: z.array(LayerSpec).min(1).max(256),
  })
  .meta({ id: 'LayersModel', description: 'Every layer, in order; the last must fit the target.' })
export type LayersModel = z.infer<typeof LayersModel>

export const ModelSpec = z.discriminatedUnion('type', [MlpModel, LayersModel])
export type ModelSpec = z.infer<typeof ModelSpec>
