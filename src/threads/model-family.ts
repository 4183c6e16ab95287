/** @file What most of a model's arithmetic is: each kind has a speed of its own. */
import type { LayerSpec } from '../contract/spec/layers.ts'
import type { ModelSpec } from '../contract/spec/model.ts'
import type { ModelFamily } from './calibration.ts'

export function familyOf(model: ModelSpec): ModelFamily {
  switch (model.type) {
    case 'mlp':
      return 'dense'
    case 'cnn':
      return 'convolution'
    case 'gpt':
      return 'attention'
    case 'layers':
      return familyOfLayers(model.layers)
    default:
      return model satisfies never
  }
}

/** Attention comes with dense layers, and convolutions outweigh those after them. */
function familyOfLayers(layers: readonly LayerSpec[]): ModelFamily {
  if (contains(layers, ['attention', 'transformer_block'])) return 'attention'
  return contains(layers, ['conv2d']) ? 'convolution' : 'dense'
}

function contains(layers: readonly LayerSpec[], types: readonly LayerSpec['type'][]): boolean {
  return layers.some(
    (layer) =>
      types.includes(layer.type) || (layer.type === 'residual' && contains(layer.layers, types)),
  )
}
