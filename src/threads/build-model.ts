/**
 * @file From a spec to the parts of the engine: network, loss, optimizer, schedule. Nothing is
 * computed or allocated here that grows with the model, so it is also used at the door.
 */
import type { ErrorItem } from '../contract/errors.ts'
import type { LayerSpec } from '../contract/spec/layers.ts'
import type { LayersModel, ModelSpec } from '../contract/spec/model.ts'
import type { LossName } from '../contract/spec/spec.ts'
import type { OptimizerSpec, ScheduleSpec } from '../contract/spec/training.ts'
import { SpecError } from '../data/spec-error.ts'
import type { TaskShape } from '../data/task.ts'
import {
  adam,
  adamw,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  cnn,
  constant,
  cosine,
  gpt,
  type Layer,
  type Loss,
  linear,
  meanSquaredError,
  mlp,
  momentum,
  nesterov,
  type Optimizer,
  oneCycle,
  rmsprop,
  type Schedule,
  sequential,
  sgd,
  sigmoid,
  softmax,
  step,
} from '../engine/index.ts'
import { buildLayer, pairOf, weightInitializerOf } from './build-layer.ts'
import { pointingAt } from './pointing-at.ts'

/** What a network must fit. */
export type NetworkTask = Pick<TaskShape, 'inputShape' | 'outputs' | 'lossName'>

/** The activation that turns outputs into predictions; a network that ends in logits gets it. */
const finalActivations = {
  mean_squared_error: 'none',
  binary_cross_entropy: 'sigmoid',
  categorical_cross_entropy: 'softmax',
} as const satisfies Record<LossName, string>

const losses = {
  mean_squared_error: meanSquaredError,
  binary_cross_entropy: binaryCrossEntropy,
  categorical_cross_entropy: categoricalCrossEntropy,
} satisfies Record<LossName, () => Loss>

export function buildLoss(name: LossName): Loss {
  return losses[name]()
}

/** Throws SpecError, with a pointer at the layer to change, where the model does not fit the task. */
export function buildNetwork(model: ModelSpec, task: NetworkTask): Layer {
  switch (model.type) {
    case 'mlp':
      return pointingAt('/model', () =>
        mlp({
          hidden: model.hidden,
          activation: model.activation,
          dropout: model.dropout,
          outputs: task.outputs,
          outputActivation: finalActivations[task.lossName],
          weightInitializer: weightInitializerOf(model.initializer),
        }),
      )
    case 'cnn':
      return planned('/model', task, () =>
        cnn({
          conv: model.conv,
          kernelSize: pairOf(model.kernel_size),
          pool: pairOf(model.pool),
          hidden: model.hidden,
          dropout: model.dropout,
          batchNorm: model.batch_norm,
          outputs: task.outputs,
          outputActivation: finalActivations[task.lossName],
        }),
      )
    case 'gpt': {
      const { layers, heads, channels, dropout, bias, tie_embeddings: tieEmbeddings } = model
      const [context] = task.inputShape
      const shape = { layers, heads, channels, context, vocabulary: task.outputs }
      return planned('/model', task, () => gpt({ ...shape, dropout, bias, tieEmbeddings }))
    }
    case 'layers':
      return buildLayers(model, task)
    default:
      return model satisfies never
  }
}

/** Planned as well: a shape that does not fit is the model's fault. */
function planned(pointer: string, { inputShape }: NetworkTask, build: () => Layer): Layer {
  return pointingAt(pointer, () => {
    const network = build()
    network.plan(inputShape, 1, 'training')
    return network
  })
}

function buildLayers({ layers }: LayersModel, task: NetworkTask): Layer {
  const complaints = [
    ...tooManyLayers(layers),
    ...misplacedEmbeddings(layers, '/model/layers'),
    ...wrongOutputs(layers, task),
    ...wrongLastActivation(layers, task),
  ]
  if (complaints.length > 0) throw new SpecError(complaints)

  const built = buildInOrder(layers, task.inputShape)
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
function misplacedEmbeddings(layers: readonly LayerSpec[], pointer: string): ErrorItem[] {
  return layers.flatMap((layer, i) => {
    const here = `${pointer}/${i}`
    if (layer.type === 'residual') return misplacedEmbeddings(layer.layers, `${here}/layers`)
    if (layer.type !== 'embedding' || here === '/model/layers/0') return []
    const detail = 'An embedding reads tokens, so it must be the first layer.'
    return [{ pointer: here, code: 'misplaced_embedding', detail }]
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

/** Layers after which the shape is theirs; the others keep what they get, or some of it. */
const givesShape: ReadonlySet<LayerSpec['type']> = new Set([
  'dense',
  'conv2d',
  'flatten',
  'global_average_pool2d',
  'embedding',
])

/** Each is planned on what the one before puts out, so that a complaint points at its layer. */
function buildInOrder(layers: readonly LayerSpec[], inputShape: TaskShape['inputShape']): Layer[] {
  let shape = inputShape
  return layers.map((spec, i) =>
    pointingAt(`/model/layers/${i}`, () => {
      const layer = buildLayer(spec)
      shape = layer.plan(shape, 1, 'training').output
      return layer
    }),
  )
}

function wrongOutputs(layers: readonly LayerSpec[], { outputs }: NetworkTask): ErrorItem[] {
  if (!layers.some(learns)) {
    const detail = `There is no layer with weights, so there is nothing to learn. Add a dense one with units ${outputs}.`
    return [{ pointer: '/model/layers', code: 'nothing_to_learn', detail }]
  }
  const place = layers.findLastIndex(({ type }) => givesShape.has(type))
  const last = layers[place]
  // What another layer puts out is seen when the network is planned.
  if (last?.type !== 'dense' || last.units === outputs) return []
  const needed = `${outputs} ${outputs === 1 ? 'output' : 'outputs'}`
  const detail = `The last dense layer has ${last.units} units, but the target needs ${needed}. Set its units to ${outputs}.`
  return [{ pointer: `/model/layers/${place}`, code: 'output_mismatch', detail }]
}

/** Logits are welcome, and so is the activation that fits the loss; the other one is a mistake. */
function wrongLastActivation(layers: readonly LayerSpec[], { lossName }: NetworkTask): ErrorItem[] {
  const place = layers.length - 1
  const { type } = layers[place]
  const final = finalActivations[lossName]
  if (final === 'none' || type === final || (type !== 'sigmoid' && type !== 'softmax')) return []
  const detail = `The loss is ${lossName}, which goes with ${final}, but the last layer is ${type}. Change it to ${final}, or leave it out.`
  return [{ pointer: `/model/layers/${place}`, code: 'wrong_activation', detail }]
}

export function buildOptimizer(spec: OptimizerSpec): Optimizer {
  const decayed = { weightDecay: spec.weight_decay, decays: spec.decay }
  switch (spec.type) {
    case 'sgd':
      return sgd(decayed)
    case 'momentum':
      return momentum({ momentum: spec.momentum, ...decayed })
    case 'nesterov':
      return nesterov({ momentum: spec.momentum, ...decayed })
    case 'adam':
    case 'adamw': {
      const { beta1, beta2, epsilon: eps } = spec
      return (spec.type === 'adam' ? adam : adamw)({ beta1, beta2, eps, ...decayed })
    }
    case 'rmsprop': {
      const { alpha, epsilon: eps } = spec
      return rmsprop({ alpha, eps, momentum: spec.momentum, ...decayed })
    }
    default:
      return spec satisfies never
  }
}

/** PyTorch's. */
const defaultWarmupFraction = 0.3

export function buildSchedule(spec: ScheduleSpec): Schedule {
  const { warmup_steps: warmupSteps } = spec
  switch (spec.type) {
    case 'linear':
      return linear({ finalFactor: spec.final_factor, warmupSteps })
    case 'one_cycle': {
      const { initial_factor: initialFactor, final_factor: finalFactor } = spec
      const warmup =
        warmupSteps === undefined
          ? { warmupFraction: spec.warmup_fraction ?? defaultWarmupFraction }
          : { warmupSteps }
      return oneCycle({ ...warmup, initialFactor, finalFactor })
    }
    case 'constant':
      return constant({ warmupSteps })
    case 'step':
      return step({ every: spec.every_steps, factor: spec.factor, warmupSteps })
    case 'cosine':
      return cosine({ finalFactor: spec.final_factor, warmupSteps })
    default:
      return spec satisfies never
  }
}
