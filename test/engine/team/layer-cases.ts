/** @file Layers that are computed by teams of threads, of sizes that do not divide. */
import {
  averagePool2d,
  batchNorm,
  conv2d,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
} from '../../../src/engine/index.ts'

export interface LayerCase {
  readonly name: string
  readonly layer: Layer
  readonly inputShape: readonly number[]
  readonly rows: number
}

export const layerCases: readonly LayerCase[] = [
  {
    name: 'a convolution',
    layer: conv2d({ filters: 9, kernelSize: [3, 2], padding: [1, 0] }),
    inputShape: [5, 9, 7],
    rows: 3,
  },
  {
    name: 'a convolution of one channel, far apart',
    layer: conv2d({ filters: 33, kernelSize: [5, 5], stride: [2, 3] }),
    inputShape: [1, 28, 28],
    rows: 2,
  },
  {
    name: 'a large convolution of 3 x 3',
    layer: conv2d({ filters: 32, kernelSize: [3, 3] }),
    inputShape: [24, 15, 13],
    rows: 3,
  },
  {
    name: 'a convolution of 3 x 3 on small images, many at a time',
    layer: conv2d({ filters: 16, kernelSize: [3, 3], padding: 'same' }),
    inputShape: [16, 7, 6],
    rows: 11,
  },
  {
    name: 'a convolution of one pixel',
    layer: conv2d({ filters: 7, kernelSize: [1, 1] }),
    inputShape: [6, 5, 9],
    rows: 3,
  },
  {
    name: 'a convolution in groups',
    layer: conv2d({ filters: 6, kernelSize: [3, 3], groups: 2 }),
    inputShape: [4, 9, 8],
    rows: 2,
  },
  {
    name: 'a convolution by channel',
    layer: conv2d({ filters: 5, kernelSize: [3, 3], groups: 5, padding: 'same' }),
    inputShape: [5, 6, 7],
    rows: 2,
  },
  {
    name: 'a max pool',
    layer: maxPool2d({ size: [2, 2] }),
    inputShape: [7, 10, 9],
    rows: 3,
  },
  {
    name: 'an average pool',
    layer: averagePool2d({ size: [3, 3], stride: [2, 2], padding: [1, 1] }),
    inputShape: [7, 10, 9],
    rows: 3,
  },
  { name: 'a global average', layer: globalAveragePool2d(), inputShape: [5, 3, 7], rows: 5 },
  { name: 'batch norm of images', layer: batchNorm(), inputShape: [5, 7, 3], rows: 6 },
  { name: 'batch norm of vectors', layer: batchNorm(), inputShape: [37], rows: 9 },
]
