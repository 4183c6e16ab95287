/**
 * @file From a spec to the parts of the engine: network, loss, optimizer, schedule. Nothing is
 * computed or allocated here that grows with the model, so it is also used at the door.
 */
import type { CnnModel, GptModel, ModelSpec } from '../contract/spec/model.ts'
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
  sgd,
  step,
} from '../engine/index.ts'
import { pairOf, weightInitializerOf } from './build-layer.ts'
import { buildLayers } from './build-layers.ts'
import { finalActivations } from './final-activation.ts'
import { buildingAt } from './layer-place.ts'
import { pointingAt } from './pointing-at.ts'

/** What a network must fit. */
export type NetworkTask = Pick<TaskShape, 'inputShape' | 'outputs' | 'lossName'>

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
      return buildCnn(model, task)
    case 'gpt':
      return buildGpt(model, task)
    case 'layers':
      return buildLayers(model, task)
    default:
      return model satisfies never
  }
}

/** Planned as well, stage by stage: an image that is too small for one is the fault of its option. */
function buildCnn(model: CnnModel, { inputShape, outputs, lossName }: NetworkTask): Layer {
  const network = cnn({
    conv: model.conv,
    kernelSize: pairOf(model.kernel_size),
    pool: pairOf(model.pool),
    hidden: model.hidden,
    dropout: model.dropout,
    batchNorm: model.batch_norm,
    outputs,
    outputActivation: finalActivations[lossName],
  })
  let stage = -1
  let shape = inputShape
  for (const layer of network.layers) {
    const owner = String(layer.definition.type)
    if (owner === 'conv2d') stage += 1
    const place =
      owner === 'max_pool2d'
        ? { pointer: '/model/pool', path: `cnn: the pool after convolution ${stage}` }
        : { pointer: `/model/conv/${stage}`, path: `cnn: convolution ${stage}` }
    shape = buildingAt(place, { owner }, () => layer.plan(shape, 1, 'training').output)
  }
  return network
}

function buildGpt(model: GptModel, { inputShape, outputs }: NetworkTask): Layer {
  const { layers, heads, channels, dropout, bias, tie_embeddings: tieEmbeddings } = model
  if (channels % heads !== 0) {
    const detail = `gpt: expected heads that divide the ${channels} channels into equal parts, got ${heads}. Change heads or channels.`
    throw new SpecError([{ pointer: '/model/heads', code: 'shape_mismatch', detail }])
  }
  const [context] = inputShape
  const shape = { layers, heads, channels, context, vocabulary: outputs }
  return pointingAt('/model', () => gpt({ ...shape, dropout, bias, tieEmbeddings }))
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
