/** @file Trainings on images, in sizes that meet every way to share a convolution or a pool. */
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
  relu,
  sequential,
  softmax,
} from '../../../src/engine/index.ts'
import { caseOf, type TrainingCase } from './training-case.ts'

const classifier = [flatten(), dense({ units: 3 }), softmax()]

function imagesOf(
  name: string,
  layers: readonly Layer[],
  inputShape: readonly [channels: number, height: number, width: number],
  [batchSize, trainingRows, validationRows = 0]: readonly number[],
): TrainingCase {
  const network = sequential([...layers, ...classifier])
  return caseOf(name, { network, inputShape, batchSize, trainingRows, validationRows })
}

const conv3 = (filters: number, padding: 'same' | [number, number] = [0, 0]) =>
  conv2d({ filters, kernelSize: [3, 3], padding })

/** Before a convolution, so that it must make a dx. */
const first = batchNorm()

/** 3 x 3 between sixteen channels or more: by tiles, some images or some rows of tiles at a time. */
const byTiles: readonly TrainingCase[] = [
  imagesOf('tiles of 3, 3 and 1 images', [conv3(16), conv3(16, 'same')], [16, 16, 16], [7, 7]),
  imagesOf(
    'tiles of several images, a smaller last batch',
    [first, conv3(17), relu()],
    [16, 13, 13],
    [10, 16, 7],
  ),
  imagesOf('tiles in two bands of one height', [first, conv3(16, 'same')], [16, 28, 28], [2, 3]),
  imagesOf('tiles in two bands, the last one lower', [first, conv3(16)], [16, 40, 26], [2, 2]),
  imagesOf('tiles in one band, and back in two', [first, conv3(16)], [16, 28, 28], [3, 3]),
  imagesOf('one row of tiles', [first, conv3(16)], [16, 3, 40], [5, 5]),
  imagesOf('one tile', [first, conv3(18, [1, 1])], [17, 2, 2], [2, 5]),
  imagesOf('tiles of narrow images', [first, conv3(16, [2, 0])], [16, 60, 3], [4, 4]),
  imagesOf(
    'tiles of wide images, a row at a time',
    [first, conv3(16, 'same')],
    [16, 3, 400],
    [2, 2],
  ),
]

const byColumns: readonly TrainingCase[] = [
  imagesOf(
    'columns, some lines apart',
    [first, conv2d({ filters: 9, kernelSize: [3, 2], stride: [2, 1], padding: [1, 0] })],
    [5, 9, 7],
    [3, 5, 4],
  ),
  imagesOf('columns of one line, fewer than threads', [first, conv3(3)], [2, 3, 5], [2, 5, 3]),
  imagesOf(
    'columns of one channel, of which nobody asks a dx',
    [
      conv2d({ filters: 2, kernelSize: [5, 5], stride: [2, 3] }),
      relu(),
      conv2d({ filters: 1, kernelSize: [1, 2] }),
    ],
    [1, 11, 12],
    [3, 5],
  ),
  imagesOf(
    'groups that are shared out',
    [first, conv2d({ filters: 9, kernelSize: [3, 3], groups: 3, padding: 'same' })],
    [6, 5, 6],
    [2, 5],
  ),
  imagesOf(
    'a filter for each channel',
    [first, conv2d({ filters: 5, kernelSize: [3, 3], groups: 5, padding: 'same' })],
    [5, 6, 7],
    [2, 5],
  ),
  imagesOf(
    'two filters for each channel, without a bias',
    [first, conv2d({ filters: 10, kernelSize: [2, 3], groups: 5, bias: false })],
    [5, 6, 7],
    [2, 5],
  ),
  imagesOf(
    'single pixels',
    [first, conv2d({ filters: 7, kernelSize: [1, 1] }), relu()],
    [6, 5, 9],
    [3, 5],
  ),
  imagesOf(
    'single pixels, apart',
    [first, conv2d({ filters: 4, kernelSize: [1, 1], stride: [2, 2] })],
    [3, 7, 5],
    [3, 5],
  ),
  imagesOf(
    'windows that lie beyond the image',
    [first, conv2d({ filters: 3, kernelSize: [7, 7], padding: 'same' })],
    [2, 2, 2],
    [2, 2],
  ),
]

const pooled: readonly TrainingCase[] = [
  imagesOf(
    'pools of halves, and of windows that overlap',
    [
      maxPool2d({ size: [2, 2] }),
      averagePool2d({ size: [3, 3], stride: [2, 2], padding: [1, 1] }),
      first,
    ],
    [7, 20, 18],
    [3, 4, 2],
  ),
  imagesOf(
    'more pools',
    [
      conv2d({ filters: 3, kernelSize: [1, 1] }),
      maxPool2d({ size: [3, 3], stride: [1, 2] }),
      averagePool2d({ size: [2, 2] }),
      globalAveragePool2d(),
    ],
    [2, 11, 13],
    [2, 5],
  ),
  imagesOf(
    'a pool that halves exactly',
    [conv2d({ filters: 3, kernelSize: [1, 1] }), maxPool2d({ size: [2, 2] })],
    [2, 8, 8],
    [2, 5],
  ),
]

export const imageTrainings = [...byTiles, ...byColumns, ...pooled]
