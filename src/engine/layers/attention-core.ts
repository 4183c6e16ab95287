/**
 * @file Attention between its projections: from queries, keys and values, side by side for each token,
 * to what each head has gathered. No parameters.
 *
 * Rotary positions turn queries and keys where they lie, in this layer's own input, so it stands only
 * after a layer that does not read its output again.
 */
import type { AttentionDropout, AttentionSettings } from '../kernels/attention-settings.ts'
import { queryBlock, scoresLength } from '../kernels/attention-settings.ts'
import { seedWords } from '../random/stream.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface AttentionCoreOptions {
  readonly heads: number
  readonly causal: boolean
  readonly rotary: boolean
  readonly dropout: number
}

const FLOPS_PER_LOOK = 20

export function attentionCore(options: AttentionCoreOptions): Layer {
  const { heads: H, causal, rotary } = options
  return {
    definition: { type: 'attention_core', ...options },

    /** (T, 3C) -> (T, C) */
    plan([T, width], rows, use): LayerPlan {
      const C = width / 3
      const settings = { T, H, D: C / H, isCausal: causal }
      const stats = rows * H * T * 2
      const scores = scoresLength(rows, settings)
      const angles = rotary ? [T * settings.D] : []
      const looks = looksOf(T, causal)
      const product = 2 * looks * C
      const rest = looks * H * FLOPS_PER_LOOK
      return {
        output: [T, C],
        parameters: [],
        saved: use === 'training' ? [stats] : [],
        scratch: use === 'training' ? [2 * scores, ...angles] : [scores, ...angles, stats],
        flops: { forward: 2 * product + rest, backward: 5 * product + rest },
        bind: (views, context) => bindCore(views, context, settings, options),
      }
    },
  }
}

/** How many pairs of a query and a key are computed. */
function looksOf(T: number, causal: boolean): number {
  if (!causal) return T * T
  let looks = 0
  for (let first = 0; first < T; first += queryBlock) {
    const end = Math.min(T, first + queryBlock)
    looks += (end - first) * end
  }
  return looks
}

function bindCore(
  { x, y, dx, dy, saved, scratch }: LayerViews,
  context: LayerContext,
  sizes: Pick<AttentionSettings, 'T' | 'H' | 'D' | 'isCausal'>,
  { rotary, dropout }: AttentionCoreOptions,
): BoundLayer {
  const { kernels, clock } = context
  const { T, H, D } = sizes
  const [scores, angles] = scratch
  const [stats] = saved.length > 0 ? saved : scratch.slice(-1)
  const settings: AttentionSettings = {
    ...sizes,
    padding: context.padding ?? null,
    dropout: dropout > 0 ? dropoutOf(dropout, context) : null,
  }
  return {
    forward(rows, mode) {
      if (rotary) {
        kernels.fillRotaryAngles(angles, T, D)
        kernels.rotaryForward(x, angles, rows, T, H, D)
      }
      const step = mode === 'train' ? clock.step : null
      kernels.attentionForward(y, stats, scores, x, settings, step, rows)
    },
    backward(rows) {
      if (!dx) return
      kernels.attentionBackward(dx, scores, dy, y, stats, x, settings, clock.step, rows)
      if (rotary) {
        kernels.fillRotaryAngles(angles, T, D)
        kernels.rotaryBackward(dx, angles, rows, T, H, D)
      }
    },
  }
}

function dropoutOf(rate: number, { seed, claimStream }: LayerContext): AttentionDropout {
  const [seedLow, seedHigh] = seedWords(seed)
  return { rate, seedLow, seedHigh, stream: claimStream() }
}
