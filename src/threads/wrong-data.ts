/**
 * @file Models that read another kind of data than the dataset is, or that would see on a text what they
 * are to foretell. Whether the columns of a table are tokens is seen where it is resolved.
 */
import type { ErrorItem } from '../contract/errors.ts'
import type { LayerSpec } from '../contract/spec/layers.ts'
import type { ModelSpec } from '../contract/spec/model.ts'
import type { Task } from '../data/resolve.ts'
import type { TextTask } from '../data/resolve-text.ts'
import { placedLayers } from './layer-place.ts'

export function wrongData(model: ModelSpec, task: Task): ErrorItem[] {
  switch (task.kind) {
    case 'text':
      return wrongForText(model, task)
    case 'images':
      return wrongForImages(model)
    case 'table':
      return wrongForTable(model, task.inputShape)
    default:
      return task satisfies never
  }
}

function complaint(pointer: string, code: string, detail: string): ErrorItem[] {
  return [{ pointer, code, detail }]
}

function wrongForTable(model: ModelSpec, inputShape: readonly number[]): ErrorItem[] {
  const isImage = inputShape.length === 3
  if (model.type === 'gpt') {
    const fitting = isImage ? 'mlp, cnn or layers' : 'mlp or layers'
    const detail = `gpt reads text, but the dataset is a table. Set the model to ${fitting}.`
    return complaint('/model/type', 'wrong_data', detail)
  }
  if (model.type !== 'cnn' || isImage) return []
  const hint = 'Numeric columns are one with "features": {"image": {"shape": [1, 8, 8]}}'
  const detail = `cnn reads images, but a row of the dataset is none. ${hint}.`
  return complaint('/model/type', 'wrong_data', detail)
}

function wrongForImages(model: ModelSpec): ErrorItem[] {
  if (model.type === 'gpt') {
    const detail = 'gpt reads text, but the dataset is images. Set the model to mlp, cnn or layers.'
    return complaint('/model/type', 'wrong_data', detail)
  }
  if (model.type !== 'layers' || model.layers[0].type !== 'embedding') return []
  const detail =
    'An embedding reads tokens, which are whole numbers, but the pixels of images are scaled to 0 to 1. Begin with a conv2d or flatten layer.'
  return complaint('/model/layers/0', 'not_tokens', detail)
}

function wrongForText(model: ModelSpec, { vocabulary }: TextTask): ErrorItem[] {
  if (model.type === 'gpt') return []
  const begin = `layers that begin with {"type": "embedding", "vocabulary": ${vocabulary}, "channels": 32}`
  if (model.type !== 'layers') {
    const reads = model.type === 'cnn' ? 'images' : 'quantities'
    const detail = `${model.type} reads ${reads}, but a text is tokens: numbers that stand for characters. Set the model to gpt, or to ${begin}.`
    return complaint('/model/type', 'wrong_data', detail)
  }
  const [first] = model.layers
  if (first.type !== 'embedding') {
    const detail = `A ${first.type} layer reads quantities, but a text is tokens: numbers that stand for characters. Give ${begin}, or set the model to gpt.`
    return complaint('/model/layers/0', 'wrong_data', detail)
  }
  return [...tooFewTokens(first.vocabulary, vocabulary), ...looksAhead(model.layers)]
}

function tooFewTokens(given: number, needed: number): ErrorItem[] {
  if (given >= needed) return []
  const detail = `The text has ${needed} distinct characters, so the embedding needs a vocabulary of at least ${needed}, got ${given}.`
  return complaint('/model/layers/0/vocabulary', 'vocabulary_too_small', detail)
}

/**
 * Attention to what comes after a position, where the network answers at each one. Behind a flatten
 * layer there is one answer, to a whole window, and nothing else mixes positions: norms, dense layers
 * and activations take each for itself, and pools and convolutions take images only.
 */
function looksAhead(layers: readonly LayerSpec[]): ErrorItem[] {
  if (layers.some(({ type }) => type === 'flatten')) return []
  return placedLayers(layers).flatMap(({ layer, place: { pointer, path } }) => {
    if ((layer.type !== 'attention' && layer.type !== 'transformer_block') || layer.causal) {
      return []
    }
    const detail = `${path}: set causal to true. On a text each position learns the next character, which attention without it would see.`
    return complaint(`${pointer}/causal`, 'looks_ahead', detail)
  })
}
