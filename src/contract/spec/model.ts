/** @file The model part of a spec: a preset, or a plain list of layers. */
import { z } from 'zod'

import { Activation, Initializer, LayerSpec, Rate, Size, Units } from './layers.ts'

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

export const CnnModel = z
  .strictObject({
    type: z.literal('cnn'),
    conv: z
      .array(z.number().int().min(1).max(4096))
      .min(1)
      .max(16)
      .default([32, 64])
      .meta({ description: 'Filters of each convolution; a max pool follows each.' }),
    kernel_size: Size.default(3),
    pool: Size.default(2).meta({ description: 'Size of the max pools; 1 for none.' }),
    hidden: z.array(Units).max(32).default([128]).meta({
      description: 'Units of each dense layer after them.',
    }),
    dropout: Rate.default(0).meta({ description: 'Before each dense layer.' }),
    batch_norm: z.boolean().default(false).meta({ description: 'After each convolution.' }),
  })
  .meta({
    id: 'CnnModel',
    description:
      'For images: convolutions with ReLU and pooling, then dense layers; the last one is made to fit the labels.',
  })
export type CnnModel = z.infer<typeof CnnModel>

export const GptModel = z
  .strictObject({
    type: z.literal('gpt'),
    layers: z.number().int().min(1).max(96),
    heads: z.number().int().min(1).max(256),
    channels: z.number().int().min(1).max(16_384).meta({ description: 'A multiple of heads.' }),
    dropout: Rate.default(0),
    bias: z.boolean().default(true).meta({ description: 'Of dense layers and norms.' }),
    tie_embeddings: z.boolean().default(true).meta({
      description: 'The last layer has the matrix of the first.',
    }),
  })
  .meta({
    id: 'GptModel',
    description:
      'For text: a decoder as GPT-2 has it. Vocabulary and context are those of the text.',
  })
export type GptModel = z.infer<typeof GptModel>

export const LayersModel = z
  .strictObject({
    type: z.literal('layers'),
    layers: z.array(LayerSpec).min(1).max(256),
  })
  .meta({ id: 'LayersModel', description: 'Every layer, in order; the last must fit the target.' })
export type LayersModel = z.infer<typeof LayersModel>

export const ModelSpec = z.discriminatedUnion('type', [MlpModel, CnnModel, GptModel, LayersModel])
export type ModelSpec = z.infer<typeof ModelSpec>
