/**
 * @file Attention by matrix products, straight from and into (B, T, 3, H, D): for each pair of a sample
 * and a head, block of queries by block, so that its scores stay in the cache. Pairs are divided.
 */
import { type AttentionSettings, attentionSlots, queryBlock } from '../attention-settings.ts'
import type { Kernels } from '../kernels.ts'
import type { Team } from '../team.ts'
import type { MatrixProduct } from './matrix-product.ts'
import type { WasmExports } from './wasm-exports.ts'

type AttentionKernels = Pick<Kernels, 'attentionForward' | 'attentionBackward'>

const twoTo32 = 4_294_967_296

export function attentionKernels(
  wasm: WasmExports,
  product: MatrixProduct,
  team: Team,
): AttentionKernels {
  /** x = x * mask, of the looks of a block of queries from `first` on. */
  function drop(
    x: number, // (rows, keys)
    { T, dropout }: AttentionSettings,
    step: number | null,
    pair: number,
    first: number,
    rows: number,
    keys: number,
  ): void {
    if (!dropout || step === null) return
    const { rate, seedLow, seedHigh, stream } = dropout
    const rowBlocks = Math.ceil(T / 4)
    const block = (pair * T + first) * rowBlocks
    const [threshold, scale] = [rate * twoTo32, 1 / (1 - rate)]
    wasm.attentionDropout(
      x,
      rows,
      keys,
      block,
      rowBlocks,
      threshold,
      scale,
      seedLow,
      seedHigh,
      stream,
      step,
    )
  }

  return {
    attentionForward(y, stats, scores, qkv, settings, step, B) {
      const { T, H, D, isCausal, padding } = settings
      const C = H * D
      const width = 3 * C
      const scale = 1 / Math.sqrt(D)
      const members = Math.min(team.count, attentionSlots(B, H))
      const pairs = Math.ceil((B * H) / members)
      const p = scores.byteOffset + team.index * Math.min(queryBlock, T) * T * 4
      const end = team.index < members ? Math.min(B * H, pairs * (team.index + 1)) : 0
      for (let pair = pairs * team.index; pair < end; pair++) {
        const b = Math.floor(pair / H)
        const head = (pair % H) * D
        const q = qkv.byteOffset + (b * T * width + head) * 4
        const k = q + C * 4
        const v = k + C * 4
        const out = y.byteOffset + (b * T * C + head) * 4
        const tokens = padding ? padding.tokens.byteOffset + b * T * 4 : 0
        const token = padding ? padding.token : 0
        for (let first = 0; first < T; first += queryBlock) {
          const rows = Math.min(queryBlock, T - first)
          const keys = isCausal ? first + rows : T
          const saved = stats.byteOffset + (pair * T + first) * 8
          // (rows, keys) = (rows, D) (keys, D)^T
          product(p, q + first * width * 4, k, rows, keys, D, width, 1, 1, width, keys, false)
          wasm.attentionLooks(p, saved, rows, keys, first, isCausal, scale, tokens, token)
          drop(p, settings, step, pair, first, rows, keys)
          // (rows, D) = (rows, keys) (keys, D)
          product(out + first * C * 4, p, v, rows, D, keys, keys, 1, width, 1, C, false)
        }
      }
      team.meet()
    },

    attentionBackward(dqkv, scores, dy, y, stats, qkv, settings, step, B) {
      const { T, H, D, isCausal, padding } = settings
      const C = H * D
      const width = 3 * C
      const scale = 1 / Math.sqrt(D)
      const slots = attentionSlots(B, H)
      const members = Math.min(team.count, slots)
      const pairs = Math.ceil((B * H) / members)
      const slotBytes = Math.min(queryBlock, T) * T * 4
      const p = scores.byteOffset + team.index * slotBytes
      const ds = p + slots * slotBytes
      const end = team.index < members ? Math.min(B * H, pairs * (team.index + 1)) : 0
      for (let pair = pairs * team.index; pair < end; pair++) {
        const b = Math.floor(pair / H)
        const head = (pair % H) * D
        const at = (b * T * width + head) * 4
        const q = qkv.byteOffset + at
        const k = q + C * 4
        const v = k + C * 4
        const dq = dqkv.byteOffset + at
        const dk = dq + C * 4
        const dv = dk + C * 4
        const out = (b * T * C + head) * 4
        const tokens = padding ? padding.tokens.byteOffset + b * T * 4 : 0
        const token = padding ? padding.token : 0
        // The last block has all keys: it assigns their gradients, and the others add to them.
        const last = Math.floor((T - 1) / queryBlock) * queryBlock
        for (let first = last; first >= 0; first -= queryBlock) {
          const rows = Math.min(queryBlock, T - first)
          const keys = isCausal ? first + rows : T
          const saved = stats.byteOffset + (pair * T + first) * 8
          const query = q + first * width * 4
          const dyAt = dy.byteOffset + out + first * C * 4
          const yAt = y.byteOffset + out + first * C * 4
          const joins = first < last
          product(p, query, k, rows, keys, D, width, 1, 1, width, keys, false)
          wasm.attentionLooksAgain(p, saved, rows, keys, first, isCausal, scale, tokens, token)
          // dp (rows, keys) = dy (rows, D) v (keys, D)^T
          product(ds, dyAt, v, rows, keys, D, C, 1, 1, width, keys, false)
          drop(ds, settings, step, pair, first, rows, keys)
          wasm.attentionSlopes(ds, p, dyAt, yAt, rows, keys, first, isCausal, scale, D, C)
          // dq (rows, D) = ds (rows, keys) k (keys, D)
          product(dq + first * width * 4, ds, k, rows, D, keys, keys, 1, width, 1, width, false)
          // dk (keys, D) += ds (rows, keys)^T q (rows, D)
          product(dk, ds, query, keys, D, rows, 1, keys, width, 1, width, joins)
          drop(p, settings, step, pair, first, rows, keys)
          // dv (keys, D) += p (rows, keys)^T dy (rows, D)
          product(dv, p, dyAt, keys, D, rows, 1, keys, C, 1, width, joins)
        }
      }
      team.meet()
    },
  }
}
