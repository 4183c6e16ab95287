/** @file From a list of layers to a network, and what can be said against the list. */
import type { ErrorItem } from '../contract/errors.ts'
import type { LayerSpec } from '../contract/spec/layers.ts'
import type { LayersModel } from '../contract/spec/model.ts'
import { SpecError } from '../data/spec-error.ts'
import type { TaskShape } from '../data/task.ts'
import { type Layer, residual, sequential, sigmoid, softmax } from '../engine/index.ts'
import { buildLayer } from './build-layer.ts'
import { finalActivations } from './final-activation.ts'
import { lastShaping } from './last-shaping.ts'
import { buildingAt, type LayerPlace, outermost, placedLayers, placeWithin } from './layer-place.ts'

type ListTask = Pick<TaskShape, 'inputShape' | 'outputs' | 'lossName'>

/** Throws SpecError with a pointer at the layer to change. */
export function buildLayers({ layers }: LayersModel, task: ListTask): Layer {
  const complaints = [
    ...tooManyLayers(layers),
    ...misplacedEmbeddings(layers),
    ...wrongOutputs(layers, task),
    ...wrongLastActivation(layers, task),
  ]
  if (complaints.length > 0) throw new SpecError(complaints)

  const { layers: built } = buildInOrder(layers, task.inputShape, outermost)
  const final = finalActivations[task.lossName]
  if (final === 'none' || layers[layers.length - 1].type === final) return sequential(built)
  return sequential([...built, final === 'sigmoid' ? sigmoid() : softmax()])
}

/** Planning takes time for each of them, on the event loop of the API. */
const mostLayers = 512
/** A transformer block is made of so many. */
const layersInABlock = 8

function tooManyLayers(layers: readonly LayerSpec[]): ErrorItem[] {
  const count = countLayers(layers)
  if (count <= mostLayers) return []
  const detail = `There are ${count} layers, those inside others counted, and each transformer block as ${layersInABlock}; a model may have ${mostLayers}.`
  return [{ pointer: '/model/layers', code: 'too_many_layers', detail }]
}

function countLayers(layers: readonly LayerSpec[]): number {
  return layers.reduce((sum, layer) => {
    if (layer.type === 'residual') return sum + 1 + countLayers(layer.layers)
    return sum + (layer.type === 'transformer_block' ? layersInABlock : 1)
  }, 0)
}

/** Tokens come from the data alone: what another layer puts out is no index of anything. */
function misplacedEmbeddings(layers: readonly LayerSpec[]): ErrorItem[] {
  return placedLayers(layers).flatMap(({ layer, place: { pointer } }) => {
    if (layer.type !== 'embedding' || pointer === '/model/layers/0') return []
    const detail = 'An embedding reads tokens, so it must be the first layer.'
    return [{ pointer, code: 'misplaced_embedding', detail }]
  })
}

const learning: ReadonlySet<LayerSpec['type']> = new Set([
  'dense',
  'conv2d',
  'batch_norm',
  'layer_norm',
  'rms_norm',
  'embedding',
  'attention',
  'transformer_block',
])

function learns(layer: LayerSpec): boolean {
  if (layer.type === 'residual') return layer.layers.some(learns)
  return learning.has(layer.type) || (layer.type === 'positions' && layer.kind === 'learned')
}

/**
 * Each is planned on what the one before puts out, and so are those inside others, so that a complaint
 * points at its layer.
 */
function buildInOrder(
  layers: readonly LayerSpec[],
  inputShape: TaskShape['inputShape'],
  outer: LayerPlace,
): Built {
  let shape = inputShape
  const built = layers.map((spec, i) => {
    const place = placeWithin(outer, i, spec)
    const inner = spec.type === 'residual' ? buildInOrder(spec.layers, shape, place) : null
    return buildingAt(place, { owner: ownerOf(spec), options: spec }, () => {
      const layer = inner ? residual(inner) : buildLayer(spec)
      // What gives back its shape is right, and was planned already.
      if (inner?.shape.join() !== shape.join()) shape = layer.plan(shape, 1, 'training').output
      return layer
    })
  })
  return { layers: built, shape }
}

interface Built {
  readonly layers: readonly Layer[]
  /** Of what they put out. */
  readonly shape: readonly number[]
}

/** What the engine calls the layer. */
function ownerOf(layer: LayerSpec): string {
  return layer.type === 'positions' ? `${layer.kind}_positions` : layer.type
}

function wrongOutputs(layers: readonly LayerSpec[], { outputs }: ListTask): ErrorItem[] {
  if (!layers.some(learns)) {
    const detail = `There is no layer with weights, so there is nothing to learn. Add a dense one with units ${outputs}.`
    return [{ pointer: '/model/layers', code: 'nothing_to_learn', detail }]
  }
  const place = lastShaping(layers)
  const last = layers[place]
  // What another layer puts out is seen when the network is planned.
  if (last?.type !== 'dense' || last.units === outputs) return []
  const needed = `${outputs} ${outputs === 1 ? 'output' : 'outputs'}`
  const detail = `The last dense layer has ${last.units} units, but the target needs ${needed}. Set its units to ${outputs}.`
  return [{ pointer: `/model/layers/${place}`, code: 'output_mismatch', detail }]
}

/** Logits are welcome, and so is the activation that fits the loss; the other one is a mistake. */
function wrongLastActivation(layers: readonly LayerSpec[], { lossName }: ListTask): ErrorItem[] {
  const place = layers.length - 1
  const { type } = layers[place]
  const final = finalActivations[lossName]
  if (final === 'none' || type === final || (type !== 'sigmoid' && type !== 'softmax')) return []
  const detail = `The loss is ${lossName}, which goes with ${final}, but the last layer is ${type}. Change it to ${final}, or leave it out.`
  return [{ pointer: `/model/layers/${place}`, code: 'wrong_activation', detail }]
}
