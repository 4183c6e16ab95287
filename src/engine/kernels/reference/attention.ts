/**
 * @file Multi-head attention between the projections, reference kernels: each query looks at the keys,
 * and takes of their values as much as it looks.
 *
 * Of the looks only two numbers a query are saved, its largest score and the sum of exponentials: the
 * backward pass computes them again, which costs one product more and spares (B, H, T, T) numbers.
 *
 * Reference: https://arxiv.org/abs/1706.03762
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'
import { philox } from '../../random/philox.ts'
import { randomPurposes } from '../../random/stream.ts'
import type { AttentionSettings } from '../attention-settings.ts'

/** y[t] = sum over s of p[t, s] * v[s], with p = softmax over s of q[t] k[s] / sqrt(D), per head. */
export function attentionForward(
  y: FloatArray, // (B, T, H, D)
  stats: FloatArray, // (B, H, T, 2): largest score and sum, saved for the backward pass
  scores: FloatArray, // (slots, queryBlock, T), of which one row is used
  qkv: FloatArray, // (B, T, 3, H, D)
  settings: AttentionSettings,
  step: number | null, // null where nothing is lost to dropout
  B: number,
): void {
  const { T, H, D, isCausal } = settings
  const width = 3 * H * D // from one token to the next
  for (let pair = 0; pair < B * H; pair++) {
    const b = Math.floor(pair / H)
    const head = (pair % H) * D
    const keys = b * T * width + H * D + head
    const values = keys + H * D
    for (let t = 0; t < T; t++) {
      const count = isCausal ? t + 1 : T
      score(scores, qkv, settings, pair, t, count)
      let max = -Infinity
      for (let s = 0; s < count; s++) if (scores[s] > max) max = scores[s]
      if (max === -Infinity) max = 0 // nothing but padding
      let sum = 0
      for (let s = 0; s < count; s++) sum += exp(scores[s] - max)
      if (sum === 0) sum = 1
      const row = (pair * T + t) * 2
      stats[row] = max
      stats[row + 1] = sum
      for (let s = 0; s < count; s++) {
        scores[s] = (exp(scores[s] - max) / sum) * kept(settings, step, pair, t, s)
      }

      const out = (b * T + t) * H * D + head
      for (let d = 0; d < D; d++) y[out + d] = 0
      for (let s = 0; s < count; s++) {
        for (let d = 0; d < D; d++) y[out + d] += scores[s] * qkv[values + s * width + d]
      }
    }
  }
}

/**
 * From y[t] = sum over s of p[t, s] * v[s], p = softmax of q[t] k[s] / sqrt(D), with
 * dp[t, s] = dy[t] v[s]  and  ds = p * (dp - dy[t] y[t]) / sqrt(D):
 * dv[s] = sum over t of p * dy[t];  dq[t] = sum over s of ds * k[s];  dk[s] = sum over t of ds * q[t].
 */
export function attentionBackward(
  dqkv: FloatArray, // (B, T, 3, H, D)
  scores: FloatArray, // (2, slots, queryBlock, T), of which one row is used
  dy: FloatArray, // (B, T, H, D)
  y: FloatArray, // (B, T, H, D), of the forward pass
  stats: FloatArray, // (B, H, T, 2), of the forward pass
  qkv: FloatArray, // (B, T, 3, H, D)
  settings: AttentionSettings,
  step: number | null,
  B: number,
): void {
  const { T, H, D, isCausal } = settings
  const C = H * D
  const width = 3 * C
  const scale = 1 / Math.sqrt(D)
  for (let i = 0; i < B * T * width; i++) dqkv[i] = 0
  for (let pair = 0; pair < B * H; pair++) {
    const b = Math.floor(pair / H)
    const head = (pair % H) * D
    const keys = b * T * width + C + head
    for (let t = 0; t < T; t++) {
      const count = isCausal ? t + 1 : T
      score(scores, qkv, settings, pair, t, count)
      const row = (pair * T + t) * 2
      const query = (b * T + t) * width + head
      const out = (b * T + t) * C + head
      let along = 0
      for (let d = 0; d < D; d++) along += dy[out + d] * y[out + d]
      for (let s = 0; s < count; s++) {
        const key = keys + s * width
        const value = key + C
        const p = exp(scores[s] - stats[row]) / stats[row + 1]
        const mask = kept(settings, step, pair, t, s)
        let dp = 0
        for (let d = 0; d < D; d++) dp += dy[out + d] * qkv[value + d]
        const ds = p * (dp * mask - along) * scale
        for (let d = 0; d < D; d++) {
          dqkv[query + d] += ds * qkv[key + d]
          dqkv[key + d] += ds * qkv[query + d]
          dqkv[value + d] += p * mask * dy[out + d]
        }
      }
    }
  }
}

/** scores[s] = q[t] k[s] / sqrt(D) of one pair of a sample and a head; -Infinity where s is padding. */
function score(
  scores: FloatArray, // (T)
  qkv: FloatArray, // (B, T, 3, H, D)
  { T, H, D, padding }: AttentionSettings,
  pair: number,
  t: number,
  count: number, // of keys
): void {
  const b = Math.floor(pair / H)
  const width = 3 * H * D
  const query = (b * T + t) * width + (pair % H) * D
  const keys = b * T * width + H * D + (pair % H) * D
  const scale = 1 / Math.sqrt(D)
  for (let s = 0; s < count; s++) {
    let dot = 0
    for (let d = 0; d < D; d++) dot += qkv[query + d] * qkv[keys + s * width + d]
    const isPadding = padding !== null && padding.tokens[b * T + s] === padding.token
    scores[s] = isPadding ? -Infinity : dot * scale
  }
}

const words = new Uint32Array(4)

/**
 * What a look is multiplied by: 0 with probability `rate`, and 1 / (1 - rate) otherwise. Rows of T looks
 * begin at whole blocks of four words.
 */
function kept(
  { T, dropout }: AttentionSettings,
  step: number | null,
  pair: number,
  t: number,
  s: number,
): number {
  if (!dropout || step === null) return 1
  const block = (pair * T + t) * Math.ceil(T / 4) + Math.floor(s / 4)
  const { rate, seedLow, seedHigh, stream } = dropout
  philox(words, block, step, stream, randomPurposes.dropout, seedLow, seedHigh)
  return words[s % 4] < rate * 4294967296 ? 0 : 1 / (1 - rate)
}
