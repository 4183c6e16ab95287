/**
 * @file Convolution of 3 x 3 by tiles: sixteen matrix products, one for each number of a tile, between
 * transforms in WebAssembly. Some images, or rows of tiles, are taken at a time, so that they stay in
 * the cache.
 *
 * Threads share y and dx by rows of tiles. Of dweight each makes some of the sixteen products; the
 * weights' own transforms, for which all wait, are shared by rows.
 */
import {
  type ConvolutionSizes,
  channelStride,
  matrixStride,
  type TileGrid,
  tilesBefore,
} from '../convolution-sizes.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { MatrixProduct } from './matrix-product.ts'
import type { WasmExports } from './wasm-exports.ts'

/** All arrays by byte offset; a bias that is not there is 0. */
export interface Winograd {
  forward(
    y: number,
    scratch: number,
    x: number,
    weight: number,
    bias: number,
    N: number,
    sizes: ConvolutionSizes,
    grid: TileGrid,
  ): void
  backwardInput(
    dx: number,
    scratch: number,
    dy: number,
    weight: number,
    N: number,
    sizes: ConvolutionSizes,
    grid: TileGrid,
  ): void
  backwardParameters(
    dweight: number,
    dbias: number,
    scratch: number,
    dy: number,
    x: number,
    N: number,
    sizes: ConvolutionSizes,
    grid: TileGrid,
  ): void
}

export function winogradOf(wasm: WasmExports, product: MatrixProduct, team: Team): Winograd {
  /** This thread's rows of tiles of y, U being there: (I, H, W) images into (O, OH, OW). */
  function convolve(
    y: number,
    u: number, // (16, O, I), and after it room for V and M
    x: number,
    bias: number,
    N: number,
    I: number,
    O: number,
    H: number,
    W: number,
    pH: number,
    pW: number,
    OH: number,
    OW: number,
    grid: TileGrid,
  ): void {
    const { TH, TW, rows, images } = grid
    const first = shareStart(team, TH, 1)
    const last = shareEnd(team, TH, 1)
    const uStride = matrixStride(O * I)
    const v = u + 16 * (uStride + I * tilesBefore(first, grid)) * 4
    const m = u + 16 * (uStride + I * tilesBefore(TH, grid) + O * tilesBefore(first, grid)) * 4
    for (let n = 0; n < N; n += images) {
      const count = Math.min(images, N - n)
      const source = x + n * I * H * W * 4
      const target = y + n * O * OH * OW * 4
      for (let from = first; from < last; from += rows) {
        const end = Math.min(last, from + rows)
        const tiles = count * (end - from) * TW
        const row = channelStride(tiles)
        const vStride = matrixStride(I * row)
        const mStride = matrixStride(O * row)
        wasm.winogradInput(v, source, count, I, from, end, 0, 4, vStride, row, H, W, pH, pW, TW)
        for (let k = 0; k < 16; k++) {
          // (O, tiles) = (O, I) (I, tiles)
          const out = m + k * mStride * 4
          const left = u + k * uStride * 4
          product(out, left, v + k * vStride * 4, O, tiles, I, I, 1, row, 1, row, false)
        }
        wasm.winogradOutput(target, m, bias, count, O, from, end, mStride, row, OH, OW, TW)
      }
    }
    team.meet()
  }

  return {
    forward(y, u, x, weight, bias, N, { I, O, H, W, pH, pW, OH, OW }, grid) {
      const from = shareStart(team, O, 1)
      wasm.winogradWeights(
        u,
        weight,
        from,
        shareEnd(team, O, 1),
        I,
        I,
        1,
        false,
        matrixStride(O * I),
      )
      team.meet()
      convolve(y, u, x, bias, N, I, O, H, W, pH, pW, OH, OW, grid)
    },

    backwardInput(dx, u, dy, weight, N, { I, O, H, W, pH, pW, OH, OW }, grid) {
      const from = shareStart(team, I, 1)
      wasm.winogradWeights(
        u,
        weight,
        from,
        shareEnd(team, I, 1),
        O,
        1,
        I,
        true,
        matrixStride(O * I),
      )
      team.meet()
      convolve(dx, u, dy, 0, N, O, I, OH, OW, 2 - pH, 2 - pW, H, W, grid)
    },

    backwardParameters(dweight, dbias, du, dy, x, N, { I, O, H, W, pH, pW, OH, OW }, grid) {
      const { TH, TW, rows, images } = grid
      const rFrom = shareStart(team, 4, 1)
      const rEnd = shareEnd(team, 4, 1)
      const oFrom = shareStart(team, O, 1)
      const oEnd = shareEnd(team, O, 1)
      const uStride = matrixStride(O * I)
      const v = du + 16 * uStride * 4
      const dm = v + 16 * I * tilesBefore(TH, grid) * 4
      // Of the largest part, for all: threads do not meet between two parts, so while one reads a matrix
      // the next part's, in fewer tiles, must not lie over it.
      const most = channelStride(Math.min(images, N) * Math.min(rows, TH) * TW)
      const vStride = matrixStride(I * most)
      const mStride = matrixStride(O * most)
      for (let n = 0; n < N; n += images) {
        const count = Math.min(images, N - n)
        const source = x + n * I * H * W * 4
        const target = dy + n * O * OH * OW * 4
        for (let from = 0; from < TH; from += rows) {
          const end = Math.min(TH, from + rows)
          const tiles = count * (end - from) * TW
          const row = channelStride(tiles)
          wasm.winogradInput(
            v,
            source,
            count,
            I,
            from,
            end,
            rFrom,
            rEnd,
            vStride,
            row,
            H,
            W,
            pH,
            pW,
            TW,
          )
          wasm.winogradOutputGradient(
            dm,
            target,
            count,
            O,
            from,
            end,
            rFrom,
            rEnd,
            mStride,
            row,
            OH,
            OW,
            TW,
          )
          for (let k = 4 * rFrom; k < 4 * rEnd; k++) {
            // (O, I) = or += (O, tiles) (I, tiles)^T
            const out = du + k * uStride * 4
            const left = dm + k * mStride * 4
            const right = v + k * vStride * 4
            product(out, left, right, O, I, tiles, row, 1, 1, row, I, n > 0 || from > 0)
          }
        }
        if (dbias) wasm.addPlaneSums(dbias, target, count, oFrom, oEnd, O, OH * OW)
      }
      team.meet()
      wasm.winogradWeightGradient(dweight, du, oFrom, oEnd, I, uStride)
      team.meet()
    },
  }
}
