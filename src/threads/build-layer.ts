/** @file From the spec of a layer to the layer. */
import type { Initializer as InitializerSpec, LayerSpec, Size } from '../contract/spec/layers.ts'
import {
  attention,
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  gelu,
  globalAveragePool2d,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  type Layer,
  layerNorm,
  learnedPositions,
  maxPool2d,
  relu,
  residual,
  rmsNorm,
  sigmoid,
  sinusoidalPositions,
  softmax,
  tanh,
  torchLinear,
  transformerBlock,
  uniform,
  zeros,
} from '../engine/index.ts'

/** Throws EngineError for options that do not go together. */
export function buildLayer(layer: LayerSpec): Layer {
  switch (layer.type) {
    case 'dense':
      return dense({
        units: layer.units,
        bias: layer.bias,
        weightInitializer: weightInitializerOf(layer.initializer),
        biasInitializer: layer.bias_initializer && initializerOf(layer.bias_initializer),
      })
    case 'sigmoid':
      return sigmoid()
    case 'tanh':
      return tanh()
    case 'relu':
      return relu()
    case 'gelu':
      return gelu({ approximate: layer.approximate })
    case 'softmax':
      return softmax()
    case 'dropout':
      return dropout({ rate: layer.rate })
    case 'conv2d':
      return conv2d({
        filters: layer.filters,
        kernelSize: pairOf(layer.kernel_size),
        stride: pairOf(layer.stride),
        padding: layer.padding === 'same' ? 'same' : pairOf(layer.padding),
        groups: layer.groups,
        bias: layer.bias,
        weightInitializer: weightInitializerOf(layer.initializer),
      })
    case 'max_pool2d':
      return maxPool2d(poolOf(layer))
    case 'average_pool2d':
      return averagePool2d(poolOf(layer))
    case 'global_average_pool2d':
      return globalAveragePool2d()
    case 'flatten':
      return flatten()
    case 'batch_norm':
      return batchNorm({ epsilon: layer.epsilon, momentum: layer.momentum })
    default:
      return buildSequenceLayer(layer)
  }
}

type SequenceType =
  | 'layer_norm'
  | 'rms_norm'
  | 'embedding'
  | 'positions'
  | 'attention'
  | 'transformer_block'
  | 'residual'

function buildSequenceLayer(layer: Extract<LayerSpec, { type: SequenceType }>): Layer {
  switch (layer.type) {
    case 'layer_norm':
      return layerNorm({ epsilon: layer.epsilon, bias: layer.bias })
    case 'rms_norm':
      return rmsNorm({ epsilon: layer.epsilon })
    case 'embedding': {
      const { vocabulary, channels, padding_token: padding } = layer
      return embedding({ vocabulary, channels, padding })
    }
    case 'positions':
      return layer.kind === 'learned' && layer.context !== undefined
        ? learnedPositions({ context: layer.context })
        : sinusoidalPositions()
    case 'attention': {
      const { heads, causal, bias, rotary, dropout } = layer
      return attention({ heads, causal, bias, rotary, dropout })
    }
    case 'transformer_block': {
      const { heads, hidden, norm, activation, dropout, causal, bias } = layer
      return transformerBlock({ heads, hidden, norm, activation, dropout, causal, bias })
    }
    case 'residual':
      return residual({ layers: layer.layers.map(buildLayer) })
    default:
      return layer satisfies never
  }
}

/** [height, width] */
export function pairOf(size: Size | number): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size
}

type PoolSpec = Extract<LayerSpec, { type: 'max_pool2d' | 'average_pool2d' }>

function poolOf({ size, stride = size, padding }: PoolSpec) {
  return { size: pairOf(size), stride: pairOf(stride), padding: pairOf(padding) }
}

/** Nothing stands for the engine's default, PyTorch's, with which biases start as PyTorch's do. */
export function weightInitializerOf(spec: InitializerSpec): Initializer | undefined {
  return spec === 'torch_linear' ? undefined : initializerOf(spec)
}

function initializerOf(spec: InitializerSpec): Initializer {
  if (typeof spec === 'object') return uniform({ low: spec.low, high: spec.high })
  switch (spec) {
    case 'torch_linear':
      return torchLinear()
    case 'glorot_uniform':
      return glorotUniform()
    case 'glorot_normal':
      return glorotNormal()
    case 'he_uniform':
      return heUniform()
    case 'he_normal':
      return heNormal()
    case 'zeros':
      return zeros()
    default:
      return spec satisfies never
  }
}
