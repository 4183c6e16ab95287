/**
 * @file Multi-head attention: every token gathers from others, each head by its own measure.
 *
 * `qkv` projects to queries, keys and values at once, rows of all queries first; `out` joins the heads.
 *
 * Reference: https://arxiv.org/abs/1706.03762
 */
import type { Initializer } from '../initializers/initializer.ts'
import { requireOption } from '../require-option.ts'
import { attentionCore } from './attention-core.ts'
import { dense } from './dense.ts'
import type { Layer } from './layer.ts'
import { requireHeads } from './require-shape.ts'
import { sequential } from './sequential.ts'

export interface AttentionOptions {
  readonly heads: number
  /** True where a token sees itself and those before it; false when not given. */
  readonly causal?: boolean
  /** True when not given. */
  readonly bias?: boolean
  /** Turns queries and keys by their position; false when not given. */
  readonly rotary?: boolean
  /** How much of the looks is lost in training; 0 when not given. */
  readonly dropout?: number
  /** As for `dense` when not given. */
  readonly weightInitializer?: Initializer
  readonly biasInitializer?: Initializer
  /** Of `out`; as the other when not given. */
  readonly outInitializer?: Initializer
}

export function attention(options: AttentionOptions): Layer {
  const { heads, causal = false, bias = true, rotary = false, dropout = 0 } = options
  const { weightInitializer, biasInitializer, outInitializer = weightInitializer } = options
  requireOption('attention', 'heads', heads, { min: 1, integer: true })
  requireOption('attention', 'dropout', dropout, { min: 0, max: 1, belowMax: true })

  const layersFor = (channels: number) =>
    sequential(
      [
        dense({ units: 3 * channels, bias, weightInitializer, biasInitializer }),
        attentionCore({ heads, causal, rotary, dropout }),
        dense({ units: channels, bias, weightInitializer: outInitializer, biasInitializer }),
      ],
      ['qkv', '', 'out'],
    )

  return {
    definition: {
      type: 'attention',
      heads,
      causal,
      bias,
      rotary,
      dropout,
      // Sizes come later; how they start is seen with any.
      layers: layersFor(1).definition,
    },

    /** (T, C) -> (T, C) */
    plan(input, rows, use) {
      const C = requireHeads('attention', input, heads, rotary)
      return layersFor(C).plan(input, rows, use)
    },
  }
}
