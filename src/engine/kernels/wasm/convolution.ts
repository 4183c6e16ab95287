/**
 * @file Convolution, image by image: its windows as the columns of a matrix, then a matrix product. So
 * one image's columns stay in the cache, and the scratch is theirs alone, whatever the batch.
 *
 * The columns are made again in the backward pass, which takes no longer than to read back those of a
 * whole batch. Of a kernel of one pixel the image itself is the columns; one filter on one channel
 * needs no matrix product; most of 3 x 3 go by tiles (winograd.ts).
 *
 * Threads share every image without meeting in between: forward by rows of places, dx by channels,
 * dweight by rows of columns. Each works in its own part of the scratch.
 */
import type { Window } from '../../window.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { VisionKernels } from '../vision-kernels.ts'
import { columnsOf } from './columns.ts'
import type { MatrixProduct } from './matrix-product.ts'
import type { WasmExports } from './wasm-exports.ts'
import { winogradOf } from './winograd.ts'

type ConvolutionKernels = Pick<
  VisionKernels,
  'convolutionForward' | 'convolutionBackwardInput' | 'convolutionBackwardParameters'
>

/** Whether the image itself is the matrix of columns. */
function isPointwise({ kH, kW, sH, sW, pH, pW }: Window): boolean {
  return kH * kW * sH * sW === 1 && pH + pW === 0
}

export function convolutionKernels(
  wasm: WasmExports,
  /** Undivided: each thread computes its own. */
  product: MatrixProduct,
  team: Team,
): ConvolutionKernels {
  const { gather, scatter } = columnsOf(wasm)
  const winograd = winogradOf(wasm, product, team)

  return {
    convolutionForward(y, scratch, x, weight, bias, N, sizes) {
      const { I, O, G, H, W, kH, kW, OH, OW, tiles } = sizes
      if (tiles) {
        winograd.forward(
          y.byteOffset,
          scratch.byteOffset,
          x.byteOffset,
          weight.byteOffset,
          bias?.byteOffset ?? 0,
          N,
          sizes,
          tiles.forward,
        )
        return
      }
      const channels = I / G
      const filters = O / G
      const K = channels * kH * kW
      const places = OH * OW
      const pointwise = isPointwise(sizes)
      const ohFrom = shareStart(team, OH, 1)
      const ohEnd = shareEnd(team, OH, 1)
      const first = ohFrom * OW * 4
      const count = (ohEnd - ohFrom) * OW
      for (let n = 0; n < N && count > 0; n++) {
        for (let g = 0; g < G; g++) {
          const out = y.byteOffset + (n * O + g * filters) * places * 4 + first
          const image = x.byteOffset + (n * I + g * channels) * H * W * 4
          const w = weight.byteOffset + g * filters * K * 4
          const right = pointwise ? image + first : scratch.byteOffset + K * first
          const row = pointwise ? places : count
          if (!pointwise) gather(right, image, 0, K, ohFrom, ohEnd, sizes)
          if (channels === 1 && filters === 1) {
            wasm.combineRows(out, right, w, bias ? bias.byteOffset + g * 4 : 0, K, count)
          } else {
            // (filters, count) = b + (filters, K) (K, count)
            if (bias) {
              wasm.fillPlanes(out, bias.byteOffset + g * filters * 4, filters, count, places)
            }
            product(out, w, right, filters, count, K, K, 1, row, 1, places, bias !== null)
          }
        }
      }
      team.meet()
    },

    convolutionBackwardInput(dx, scratch, dy, weight, N, sizes) {
      const { I, O, G, H, W, kH, kW, OH, OW, tiles } = sizes
      if (tiles) {
        winograd.backwardInput(
          dx.byteOffset,
          scratch.byteOffset,
          dy.byteOffset,
          weight.byteOffset,
          N,
          sizes,
          tiles.backward,
        )
        return
      }
      const channels = I / G
      const filters = O / G
      const K = channels * kH * kW
      const places = OH * OW
      const pointwise = isPointwise(sizes)
      const iFrom = shareStart(team, I, 1)
      const iEnd = shareEnd(team, I, 1)
      for (let n = 0; n < N; n++) {
        for (let g = Math.floor(iFrom / channels); g * channels < iEnd; g++) {
          const from = Math.max(iFrom, g * channels)
          const count = Math.min(iEnd, (g + 1) * channels) - from
          const to = dx.byteOffset + (n * I + from) * H * W * 4
          const out = pointwise ? to : scratch.byteOffset + from * kH * kW * places * 4
          const w = weight.byteOffset + (g * filters * K + (from - g * channels) * kH * kW) * 4
          const right = dy.byteOffset + (n * O + g * filters) * places * 4
          const rows = count * kH * kW
          if (channels === 1 && filters === 1) wasm.spreadRows(out, right, w, K, places)
          else {
            // (rows, places) = (filters, rows)^T (filters, places)
            product(out, w, right, rows, places, filters, 1, K, places, 1, places, false)
          }
          if (!pointwise) scatter(to, out, count, sizes)
        }
      }
      team.meet()
    },

    convolutionBackwardParameters(dweight, dbias, scratch, dy, x, N, sizes) {
      const { I, O, G, H, W, kH, kW, OH, OW, tiles } = sizes
      const channels = I / G
      const filters = O / G
      const K = channels * kH * kW
      const places = OH * OW
      if (tiles) {
        winograd.backwardParameters(
          dweight.byteOffset,
          dbias?.byteOffset ?? 0,
          scratch.byteOffset,
          dy.byteOffset,
          x.byteOffset,
          N,
          sizes,
          tiles.forward,
        )
        return
      }
      const pointwise = isPointwise(sizes)
      const sums = scratch.byteOffset + I * kH * kW * places * 4 // (G * K, filters)
      const rFrom = shareStart(team, G * K, 1)
      const rEnd = shareEnd(team, G * K, 1)
      const firstGroup = Math.floor(rFrom / K)
      const oFrom = shareStart(team, O, 1)
      const oEnd = shareEnd(team, O, 1)
      for (let n = 0; n < N; n++) {
        for (let g = firstGroup; g * K < rEnd; g++) {
          const from = Math.max(rFrom, g * K)
          const rows = Math.min(rEnd, (g + 1) * K) - from
          const k = from - g * K
          const image = x.byteOffset + (n * I + g * channels) * H * W * 4
          const left = pointwise ? image + k * places * 4 : scratch.byteOffset + from * places * 4
          const right = dy.byteOffset + (n * O + g * filters) * places * 4
          if (!pointwise) gather(left, image, k, k + rows, 0, OH, sizes)
          if (channels === 1 && filters === 1) {
            wasm.addRowProducts(dweight.byteOffset + from * 4, left, right, rows, places)
          } else {
            // (rows, filters) = or += (rows, places) (filters, places)^T
            const out = sums + from * filters * 4
            product(out, left, right, rows, filters, places, places, 1, 1, places, filters, n > 0)
          }
        }
        if (dbias) {
          const image = dy.byteOffset + n * O * places * 4
          wasm.addPlaneSums(dbias.byteOffset, image, 1, oFrom, oEnd, O, places)
        }
      }
      if (channels > 1 || filters > 1) {
        for (let g = firstGroup; g * K < rEnd; g++) {
          const from = Math.max(rFrom, g * K)
          const rows = Math.min(rEnd, (g + 1) * K) - from
          const to = dweight.byteOffset + (g * filters * K + from - g * K) * 4
          wasm.addTransposed(to, sums + from * filters * 4, rows, filters, K)
        }
      }
      team.meet()
    },
  }
}
