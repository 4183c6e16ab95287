/**
 * @file The transformer block: attention, then a perceptron for each token, both around a residual
 * connection. The norms stand before each (`pre`, as in GPT-2) or after each sum (`post`, as at first).
 *
 * Reference: https://arxiv.org/abs/2002.04745
 */
import type { Initializer } from '../initializers/initializer.ts'
import { requireOption } from '../require-option.ts'
import { attention } from './attention.ts'
import { dense } from './dense.ts'
import { dropout as dropoutLayer } from './dropout.ts'
import { gelu } from './gelu.ts'
import type { Layer } from './layer.ts'
import { layerNorm } from './layer-norm.ts'
import { relu } from './relu.ts'
import { requireHeads } from './require-shape.ts'
import { residual } from './residual.ts'
import { type Sequential, sequential } from './sequential.ts'

export interface TransformerBlockOptions {
  readonly heads: number
  /** Units between the two layers of the perceptron; four times the channels when not given. */
  readonly hidden?: number
  /** `pre` when not given. */
  readonly norm?: 'pre' | 'post'
  /** `gelu` when not given. */
  readonly activation?: TransformerActivation
  /** Of the looks, and of what attention and perceptron add; 0 when not given. */
  readonly dropout?: number
  /** False when not given. */
  readonly causal?: boolean
  /** Of all dense layers and norms; true when not given. */
  readonly bias?: boolean
  /** False when not given. */
  readonly rotary?: boolean
  /** As for `dense` when not given. */
  readonly weightInitializer?: Initializer
  readonly biasInitializer?: Initializer
  /** Of the two layers whose outputs are added; as the others when not given. */
  readonly outInitializer?: Initializer
}

export type TransformerActivation = keyof typeof activations

const activations = { gelu, relu } satisfies Record<string, () => Layer>

export function transformerBlock(options: TransformerBlockOptions): Layer {
  const { heads, hidden = 1, dropout = 0, rotary = false } = options
  requireOption('transformer_block', 'heads', heads, { min: 1, integer: true })
  requireOption('transformer_block', 'hidden', hidden, { min: 1, integer: true })
  requireOption('transformer_block', 'dropout', dropout, { min: 0, max: 1, belowMax: true })
  return {
    definition: {
      type: 'transformer_block',
      hidden: options.hidden ?? null,
      // Sizes come later; all else is seen with any.
      layers: layersFor(1, options).definition,
    },

    /** (T, C) -> (T, C) */
    plan(input, rows, use) {
      const C = requireHeads('transformer_block', input, heads, rotary)
      return layersFor(C, options).plan(input, rows, use)
    },
  }
}

function layersFor(channels: number, options: TransformerBlockOptions): Sequential {
  const { norm = 'pre', bias = true } = options
  const norm1: Named = ['norm1', layerNorm({ bias })]
  const norm2: Named = ['norm2', layerNorm({ bias })]
  const looks: Named = ['attention', attention(options)]
  const thinks: Named = ['mlp', perceptron(channels, options)]
  const lost = dropoutOf(options)
  const around = (...inner: Named[]): Named => [
    '',
    residual({ layers: layersOf(inner) }, namesOf(inner)),
  ]
  const parts =
    norm === 'pre'
      ? [around(norm1, looks, ...lost), around(norm2, thinks, ...lost)]
      : [around(looks, ...lost), norm1, around(thinks, ...lost), norm2]
  return sequential(layersOf(parts), namesOf(parts))
}

type Named = readonly [name: string, layer: Layer]

function layersOf(parts: readonly Named[]): Layer[] {
  return parts.map(([, layer]) => layer)
}

function namesOf(parts: readonly Named[]): string[] {
  return parts.map(([name]) => name)
}

function perceptron(channels: number, options: TransformerBlockOptions): Sequential {
  const { hidden = 4 * channels, activation = 'gelu', bias = true } = options
  const { weightInitializer, biasInitializer, outInitializer = weightInitializer } = options
  return sequential([
    dense({ units: hidden, bias, weightInitializer, biasInitializer }),
    activations[activation](),
    dense({ units: channels, bias, weightInitializer: outInitializer, biasInitializer }),
  ])
}

function dropoutOf({ dropout = 0 }: TransformerBlockOptions): Named[] {
  return dropout > 0 ? [['dropout', dropoutLayer({ rate: dropout })]] : []
}
