/** @file From the spec of a layer to the layer. */
import type { Initializer as InitializerSpec, LayerSpec } from '../contract/spec/layers.ts'
import {
  dense,
  dropout,
  gelu,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  type Layer,
  relu,
  sigmoid,
  softmax,
  tanh,
  torchLinear,
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
    default:
      return layer satisfies never
  }
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
