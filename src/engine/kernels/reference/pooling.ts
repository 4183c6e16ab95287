/**
 * @file Pooling over images, reference kernels. A plane is one channel of one image: they are pooled
 * each for itself, so batch and channels are one count.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import type { Window } from '../../window.ts'

/** Calls `visit` for every place of the window, with the rows and columns of it within the image. */
function forEachPlace(
  planes: number,
  { H, W, kH, kW, sH, sW, pH, pW, OH, OW }: Window,
  visit: (
    y: number,
    image: number,
    top: number,
    bottom: number,
    left: number,
    right: number,
  ) => void,
): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let oh = 0; oh < OH; oh++) {
      const top = oh * sH - pH
      for (let ow = 0; ow < OW; ow++) {
        const left = ow * sW - pW
        visit(
          (plane * OH + oh) * OW + ow,
          plane * H * W,
          Math.max(top, 0),
          Math.min(top + kH, H),
          Math.max(left, 0),
          Math.min(left + kW, W),
        )
      }
    }
  }
}

/** y = the largest of x in the window. A NaN there is the largest. */
export function maxPoolForward(
  y: FloatArray, // (planes, OH, OW)
  x: FloatArray, // (planes, H, W)
  planes: number,
  window: Window,
): void {
  const { W } = window
  forEachPlace(planes, window, (at, image, top, bottom, left, right) => {
    let max = -Infinity
    for (let h = top; h < bottom; h++) {
      for (let w = left; w < right; w++) max = Math.max(max, x[image + h * W + w])
    }
    y[at] = max
  })
}

/** From y = max x:  dx[first pixel of the window, row by row, that equals y] += dy. */
export function maxPoolBackward(
  dx: FloatArray, // (planes, H, W)
  dy: FloatArray, // (planes, OH, OW)
  y: FloatArray, // (planes, OH, OW), of the forward pass
  x: FloatArray, // (planes, H, W), of the forward pass
  planes: number,
  window: Window,
): void {
  const { H, W } = window
  dx.fill(0, 0, planes * H * W)
  forEachPlace(planes, window, (at, image, top, bottom, left, right) => {
    for (let h = top; h < bottom; h++) {
      for (let w = left; w < right; w++) {
        if (x[image + h * W + w] !== y[at]) continue
        dx[image + h * W + w] += dy[at]
        return
      }
    }
  })
}

/** y = the sum of x in the window / (kH kW): padding counts as zeros, as PyTorch has it. */
export function averagePoolForward(
  y: FloatArray, // (planes, OH, OW)
  x: FloatArray, // (planes, H, W)
  planes: number,
  window: Window,
): void {
  const { W, kH, kW } = window
  forEachPlace(planes, window, (at, image, top, bottom, left, right) => {
    let sum = 0
    for (let h = top; h < bottom; h++) {
      for (let w = left; w < right; w++) sum += x[image + h * W + w]
    }
    y[at] = sum / (kH * kW)
  })
}

/** From y = sum of x / (kH kW):  dx[each pixel of the window] += dy / (kH kW). */
export function averagePoolBackward(
  dx: FloatArray, // (planes, H, W)
  dy: FloatArray, // (planes, OH, OW)
  planes: number,
  window: Window,
): void {
  const { H, W, kH, kW } = window
  dx.fill(0, 0, planes * H * W)
  forEachPlace(planes, window, (at, image, top, bottom, left, right) => {
    const share = dy[at] / (kH * kW)
    for (let h = top; h < bottom; h++) {
      for (let w = left; w < right; w++) dx[image + h * W + w] += share
    }
  })
}

/** y[r] = the mean of row r of x. */
export function meanForward(
  y: FloatArray, // (rows)
  x: FloatArray, // (rows, size)
  rows: number,
  size: number,
): void {
  for (let r = 0; r < rows; r++) {
    let sum = 0
    for (let i = 0; i < size; i++) sum += x[r * size + i]
    y[r] = sum / size
  }
}

/** From y = mean of x:  dx = dy / size. */
export function meanBackward(
  dx: FloatArray, // (rows, size)
  dy: FloatArray, // (rows)
  rows: number,
  size: number,
): void {
  for (let r = 0; r < rows; r++) dx.fill(dy[r] / size, r * size, (r + 1) * size)
}
