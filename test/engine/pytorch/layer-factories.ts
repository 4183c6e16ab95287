/** @file Layers by the names that the golden files give them. */
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  gelu,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
  relu,
  sigmoid,
  softmax,
  tanh,
} from '../../../src/engine/index.ts'

export const layerFactories: Readonly<Record<string, (options: never) => Layer>> = {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  gelu,
  globalAveragePool2d,
  maxPool2d,
  relu,
  sigmoid,
  softmax,
  tanh,
}
