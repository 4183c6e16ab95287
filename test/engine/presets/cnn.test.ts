import { expect, test } from 'vitest'

import { cnn } from '../../../src/engine/index.ts'
import { countTrained } from '../../../src/engine/layers/trained-parameters.ts'

function typesOf(network: ReturnType<typeof cnn>): string[] {
  return network.layers.map(({ definition }) => definition.type)
}

test('Keras has 34,826 parameters in its convnet for MNIST, and so have we', () => {
  // https://keras.io/examples/vision/mnist_convnet/
  const network = cnn({ conv: [32, 64], dropout: 0.5, outputs: 10, outputActivation: 'softmax' })
  const { output, parameters } = network.plan([1, 28, 28], 1, 'training')

  expect(typesOf(network)).toEqual([
    ...['conv2d', 'relu', 'max_pool2d', 'conv2d', 'relu', 'max_pool2d'],
    ...['flatten', 'dropout', 'dense', 'softmax'],
  ])
  expect(output).toEqual([10])
  expect(countTrained(parameters)).toBe(34_826)
})

test('batch norm takes the place of the bias; a pool of one pixel is none', () => {
  const network = cnn({
    conv: [4],
    kernelSize: [5, 3],
    pool: [1, 1],
    hidden: [6],
    batchNorm: true,
    outputs: 2,
  })
  const { parameters } = network.plan([3, 8, 8], 1, 'training')

  expect(typesOf(network)).toEqual([
    ...['conv2d', 'batch_norm', 'relu', 'flatten', 'dense', 'relu', 'dense'],
  ])
  expect(parameters.map(({ name, shape }) => [name, shape])).toEqual([
    ['0.weight', [4, 3, 5, 3]],
    ['1.weight', [4]],
    ['1.bias', [4]],
    ['1.running_mean', [4]],
    ['1.running_var', [4]],
    ['4.weight', [6, 4 * 4 * 6]],
    ['4.bias', [6]],
    ['6.weight', [2, 6]],
    ['6.bias', [2]],
  ])
})
