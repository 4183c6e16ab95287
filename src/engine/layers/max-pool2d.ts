/**
 * @file Max pooling: the largest of each window. Of equal ones the first, row by row, gets the gradient;
 * it is found again from the input and the output, which stay anyway.
 */
import type { Layer } from './layer.ts'
import { type Pool2dOptions, pool2d } from './pool2d.ts'

export function maxPool2d(options: Pool2dOptions): Layer {
  return pool2d('max_pool2d', options, ({ x, y, dx, dy }, kernels, C, window) => ({
    forward: (rows) => kernels.maxPoolForward(y, x, rows * C, window),
    backward(rows) {
      if (dx) kernels.maxPoolBackward(dx, dy, y, x, rows * C, window)
    },
  }))
}
