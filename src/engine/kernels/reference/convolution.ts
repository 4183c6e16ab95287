/**
 * @file Two-dimensional convolution over images (C, H, W), reference kernels. The weight is stored as
 * (O, I / G, kH, kW), as PyTorch does.
 *
 * Filters and channels come in G groups: a filter reads the channels of its own group only. Beyond
 * the image everything is zero. dx is assigned; dweight and dbias are added to. The scratch is for
 * the fast tables.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import type { ConvolutionSizes } from '../convolution-sizes.ts'

/** What is called for each weight and each pixel that it meets. */
type Visit = (y: number, x: number, weight: number) => void

/** Every multiplication of a convolution, by the places in y, x and weight; in the order of y. */
function forEachProduct(
  N: number,
  { I, O, G, H, W, kH, kW, sH, sW, pH, pW, OH, OW }: ConvolutionSizes,
  visit: Visit,
): void {
  const channels = I / G // of a group
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const group = Math.floor(o / (O / G))
      for (let oh = 0; oh < OH; oh++) {
        for (let ow = 0; ow < OW; ow++) {
          const y = ((n * O + o) * OH + oh) * OW + ow
          for (let i = 0; i < channels; i++) {
            const image = (n * I + group * channels + i) * H
            for (let kh = 0; kh < kH; kh++) {
              const h = oh * sH + kh - pH
              if (h < 0 || h >= H) continue
              for (let kw = 0; kw < kW; kw++) {
                const w = ow * sW + kw - pW
                if (w < 0 || w >= W) continue
                visit(y, (image + h) * W + w, ((o * channels + i) * kH + kh) * kW + kw)
              }
            }
          }
        }
      }
    }
  }
}

/** y[n, o, oh, ow] = b[o] + sum over i, kh, kw of x[n, i, oh sH + kh - pH, ow sW + kw - pW] W[o, i, kh, kw]. */
export function convolutionForward(
  y: FloatArray, // (N, O, OH, OW)
  _scratch: FloatArray,
  x: FloatArray, // (N, I, H, W)
  weight: FloatArray, // (O, I / G, kH, kW)
  bias: FloatArray | null, // (O)
  N: number,
  sizes: ConvolutionSizes,
): void {
  const { O, OH, OW } = sizes
  const size = OH * OW
  for (let plane = 0; plane < N * O; plane++) {
    y.fill(bias ? bias[plane % O] : 0, plane * size, (plane + 1) * size)
  }
  forEachProduct(N, sizes, (at, from, w) => {
    y[at] += x[from] * weight[w]
  })
}

/** From y = b + sum of x W:  dx[pixel] = sum of dy W, over the places where the window meets the pixel. */
export function convolutionBackwardInput(
  dx: FloatArray, // (N, I, H, W)
  _scratch: FloatArray,
  dy: FloatArray, // (N, O, OH, OW)
  weight: FloatArray, // (O, I / G, kH, kW)
  N: number,
  sizes: ConvolutionSizes,
): void {
  dx.fill(0, 0, N * sizes.I * sizes.H * sizes.W)
  forEachProduct(N, sizes, (at, from, w) => {
    dx[from] += dy[at] * weight[w]
  })
}

/** From y = b + sum of x W:  dW += sum of dy x, db += sum of dy, over images and places. */
export function convolutionBackwardParameters(
  dweight: FloatArray, // (O, I / G, kH, kW)
  dbias: FloatArray | null, // (O)
  _scratch: FloatArray,
  dy: FloatArray, // (N, O, OH, OW)
  x: FloatArray, // (N, I, H, W)
  N: number,
  sizes: ConvolutionSizes,
): void {
  forEachProduct(N, sizes, (at, from, w) => {
    dweight[w] += dy[at] * x[from]
  })
  if (!dbias) return
  const { O, OH, OW } = sizes
  const size = OH * OW
  for (let plane = 0; plane < N * O; plane++) {
    for (let i = 0; i < size; i++) dbias[plane % O] += dy[plane * size + i]
  }
}
