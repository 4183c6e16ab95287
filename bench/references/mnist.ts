/** @file Keras' two networks for MNIST: their size, and how many of the test images they tell. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { type IdxPart, readIdxHeader } from '../../src/data/images/idx-header.ts'
import {
  adam,
  categoricalCrossEntropy,
  cnn,
  glorotUniform,
  mlp,
  planTraining,
  rmsprop,
  type TrainingData,
  type TrainingOptions,
} from '../../src/engine/index.ts'
import type { Given, Reference } from './reference.ts'
import { trainToTheEnd } from './train-to-the-end.ts'

const files = [
  'mnist/train-images-idx3-ubyte',
  'mnist/train-labels-idx1-ubyte',
  'mnist/t10k-images-idx3-ubyte',
  'mnist/t10k-labels-idx1-ubyte',
] as const

type Network = Pick<TrainingOptions, 'network' | 'inputShape' | 'optimizer'>

/** https://github.com/keras-team/keras/blob/2.0.0/examples/mnist_mlp.py */
const dense: Network = {
  network: mlp({
    hidden: [512, 512],
    activation: 'relu',
    dropout: 0.2,
    outputs: 10,
    outputActivation: 'softmax',
    weightInitializer: glorotUniform(),
  }),
  inputShape: [784],
  optimizer: rmsprop({ alpha: 0.9, eps: 1e-7 }),
}

/** https://keras.io/examples/vision/mnist_convnet */
const convolutional: Network = {
  network: cnn({ conv: [32, 64], dropout: 0.5, outputs: 10, outputActivation: 'softmax' }),
  inputShape: [1, 28, 28],
  optimizer: adam(),
}

export const mnist: readonly Reference[] = [
  {
    check: 'Keras MNIST convnet',
    configuration: '3×3×32, pool, 3×3×64, pool, 10',
    figures: [{ name: 'parameters', published: '34,826', bar: { least: 34_826, most: 34_826 } }],
    measure: () => [
      planTraining({ ...optionsOf(convolutional, 1), trainingRows: 60_000 }).parameters,
    ],
  },
  {
    check: 'MNIST MLP',
    configuration: '512-512, dropout 0.2, RMSprop, batch 128, 20 epochs',
    figures: [{ name: 'test accuracy', published: '0.9840', bar: { least: 0.982 } }],
    isLong: true,
    files,
    measure: (given) => [mnistAccuracy(given, dense, 20)],
  },
  {
    check: 'MNIST convnet',
    configuration: '34,826, dropout 0.5, Adam, batch 128, 15 epochs',
    figures: [{ name: 'test accuracy', published: '0.99', bar: { least: 0.99 } }],
    isLong: true,
    files,
    measure: (given) => [mnistAccuracy(given, convolutional, 15)],
  },
]

function optionsOf(network: Network, epochs: number) {
  return {
    ...network,
    loss: categoricalCrossEntropy(),
    learningRate: 0.001,
    batchSize: 128,
    epochs,
    seed: 1,
  }
}

function mnistAccuracy(given: Given, network: Network, epochs: number): number {
  const [trainingImages, trainingLabels, testImages, testLabels] = files
  const training = readPart(given, trainingImages, trainingLabels)
  const validation = readPart(given, testImages, testLabels)
  const { last } = trainToTheEnd(
    {
      ...optionsOf(network, epochs),
      trainingRows: training.targets.values.length,
      validationRows: validation.targets.values.length,
    },
    { training, validation },
    given.backend,
  )
  return last('validation_accuracy')
}

function readPart({ dataFolder }: Given, images: string, labels: string): TrainingData {
  const read = (part: IdxPart, file: string) => {
    const bytes = readFileSync(join(dataFolder, file))
    return bytes.subarray(readIdxHeader(part, bytes)?.bytes)
  }
  return {
    inputs: { values: read('images', images), scale: 1 / 255 },
    targets: { values: read('labels', labels) },
  }
}
