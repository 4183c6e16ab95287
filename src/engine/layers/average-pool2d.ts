/** @file Average pooling: the mean of each window; padding counts as zeros. */
import type { Layer } from './layer.ts'
import { type Pool2dOptions, pool2d } from './pool2d.ts'

export function averagePool2d(options: Pool2dOptions): Layer {
  return pool2d('average_pool2d', options, ({ x, y, dx, dy }, kernels, C, window) => ({
    forward: (rows) => kernels.averagePoolForward(y, x, rows * C, window),
    backward(rows) {
      if (dx) kernels.averagePoolBackward(dx, dy, rows * C, window)
    },
  }))
}
