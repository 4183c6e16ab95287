/** @file The model part of a spec: a preset, or a plain list of layers. */
import { z } from 'zod'

import { Activation, Initializer, LayerSpec, Rate, Units } from './layers.ts'

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

export const LayersModel = z
  .strictObject({
    type: z.literal('layers'),
    layers: z.array(LayerSpec).min(1).max(256),
  })
  .meta({ id: 'LayersModel', description: 'Every layer, in order; the last must fit the target.' })
export type LayersModel = z.infer<typeof LayersModel>

export const ModelSpec = z.discriminatedUnion('type', [MlpModel, LayersModel])
export type ModelSpec = z.infer<typeof ModelSpec>
