import { describe, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { LayerSpec } from '../../src/contract/spec/layers.ts'
import { ModelSpec } from '../../src/contract/spec/model.ts'
import { OptimizerSpec, ScheduleSpec } from '../../src/contract/spec/training.ts'
import { SpecError } from '../../src/data/spec-error.ts'
import { buildLayer } from '../../src/threads/build-layer.ts'
import {
  buildLoss,
  buildNetwork,
  buildOptimizer,
  buildSchedule,
  type NetworkTask,
} from '../../src/threads/build-model.ts'

const inputShape = [4]
const binary: NetworkTask = { inputShape, outputs: 1, lossName: 'binary_cross_entropy' }
const threeClasses: NetworkTask = {
  inputShape,
  outputs: 3,
  lossName: 'categorical_cross_entropy',
}
const quantity: NetworkTask = { inputShape, outputs: 1, lossName: 'mean_squared_error' }

const layers = (...list: object[]) => ModelSpec.parse({ type: 'layers', layers: list })
const mlp = (options: object = {}) => ModelSpec.parse({ type: 'mlp', ...options })

/** The types of the layers, in order. */
function typesOf(model: ModelSpec, task: NetworkTask): unknown {
  const { definition } = buildNetwork(model, task)
  return (definition.layers as { type: string }[]).map(({ type }) => type)
}

function complaintsOf(model: ModelSpec, task: NetworkTask) {
  try {
    buildNetwork(model, task)
  } catch (error) {
    if (error instanceof AppError) return error.errors
    throw error
  }
  return []
}

describe('mlp', () => {
  test('its last layer fits the target, and the activation fits the loss', () => {
    const model = mlp({ hidden: [8], activation: 'tanh' })

    expect(typesOf(model, quantity)).toEqual(['dense', 'tanh', 'dense'])
    expect(typesOf(model, binary)).toEqual(['dense', 'tanh', 'dense', 'sigmoid'])
    expect(typesOf(model, threeClasses)).toEqual(['dense', 'tanh', 'dense', 'softmax'])
    expect(buildNetwork(model, threeClasses).plan([4], 1, 'prediction').output).toEqual([3])
  })

  test('without hidden layers it is linear', () => {
    expect(typesOf(mlp(), quantity)).toEqual(['dense'])
  })

  test('drops out after each hidden activation', () => {
    expect(typesOf(mlp({ hidden: [8, 4], dropout: 0.5 }), quantity)).toEqual([
      'dense',
      'relu',
      'dropout',
      'dense',
      'relu',
      'dropout',
      'dense',
    ])
  })
})

describe('layers', () => {
  test('logits get the activation that their loss goes with', () => {
    expect(typesOf(layers({ type: 'dense', units: 1 }), binary)).toEqual(['dense', 'sigmoid'])
    expect(typesOf(layers({ type: 'dense', units: 3 }), threeClasses)).toEqual(['dense', 'softmax'])
  })

  test('an activation that is there already is not put there twice', () => {
    expect(typesOf(layers({ type: 'dense', units: 1 }, { type: 'sigmoid' }), binary)).toEqual([
      'dense',
      'sigmoid',
    ])
    expect(typesOf(layers({ type: 'dense', units: 3 }, { type: 'softmax' }), threeClasses)).toEqual(
      ['dense', 'softmax'],
    )
  })

  test('a regression may end in anything', () => {
    expect(typesOf(layers({ type: 'dense', units: 1 }, { type: 'sigmoid' }), quantity)).toEqual([
      'dense',
      'sigmoid',
    ])
  })

  test('the last dense layer must have as many units as the target needs', () => {
    const model = layers({ type: 'dense', units: 5 }, { type: 'relu' })

    expect(complaintsOf(model, threeClasses)).toEqual([
      {
        pointer: '/model/layers/0',
        code: 'output_mismatch',
        detail:
          'The last dense layer has 5 units, but the target needs 3 outputs. Set its units to 3.',
      },
    ])
  })

  test('a model without a dense layer has nothing to learn', () => {
    expect(complaintsOf(layers({ type: 'relu' }), quantity)).toMatchObject([
      { pointer: '/model/layers', code: 'nothing_to_learn' },
    ])
  })

  test.each([
    [binary, 'softmax', 1],
    [threeClasses, 'sigmoid', 3],
  ])('the activation of another loss is refused (%#)', (task, type, units) => {
    expect(complaintsOf(layers({ type: 'dense', units }, { type }), task)).toMatchObject([
      { pointer: '/model/layers/1', code: 'wrong_activation' },
    ])
  })

  test('all complaints come at once', () => {
    const model = layers({ type: 'dense', units: 5 }, { type: 'sigmoid' })

    expect(complaintsOf(model, threeClasses)).toHaveLength(2)
  })

  test('what the engine refuses points at its layer', () => {
    const upsideDown = { type: 'uniform', low: 1, high: -1 }
    const model = layers(
      { type: 'dense', units: 2 },
      { type: 'dense', units: 3, initializer: upsideDown },
    )

    expect(() => buildNetwork(model, threeClasses)).toThrow(SpecError)
    expect(complaintsOf(model, threeClasses)).toMatchObject([
      {
        pointer: '/model/layers/1',
        code: 'invalid_definition',
        detail: expect.stringMatching(/low must not be above/),
      },
    ])
  })
})

test.each([
  ['torch_linear', undefined, 'torch_linear', 'torch_linear'],
  ['he_normal', undefined, 'he_normal', 'zeros'],
  ['he_normal', 'torch_linear', 'he_normal', 'torch_linear'],
  ['glorot_uniform', 'zeros', 'glorot_uniform', 'zeros'],
])('weights start by %s, biases by %s', (initializer, bias_initializer, weight, bias) => {
  const model = layers({ type: 'dense', units: 1, initializer, bias_initializer })
  const { definition } = buildNetwork(model, quantity)

  expect(definition.layers).toMatchObject([
    { weightInitializer: { type: weight }, biasInitializer: { type: bias } },
  ])
})

/** Nothing here is a default. */
const optimizers = {
  sgd: [
    { weight_decay: 0.25, decay: 'matrices' },
    { weightDecay: 0.25, decays: 'matrices' },
  ],
  momentum: [
    { momentum: 0.5, weight_decay: 0.25, decay: 'matrices' },
    { momentum: 0.5, weightDecay: 0.25, decays: 'matrices' },
  ],
  nesterov: [
    { momentum: 0.5, weight_decay: 0.25, decay: 'matrices' },
    { momentum: 0.5, weightDecay: 0.25, decays: 'matrices' },
  ],
  adam: [
    { beta1: 0.1, beta2: 0.2, epsilon: 0.3, weight_decay: 0.4, decay: 'matrices' },
    { beta1: 0.1, beta2: 0.2, eps: 0.3, weightDecay: 0.4, decays: 'matrices' },
  ],
  adamw: [
    { beta1: 0.1, beta2: 0.2, epsilon: 0.3, weight_decay: 0.4, decay: 'matrices' },
    { beta1: 0.1, beta2: 0.2, eps: 0.3, weightDecay: 0.4, decays: 'matrices' },
  ],
  rmsprop: [
    { alpha: 0.1, epsilon: 0.2, momentum: 0.3, weight_decay: 0.4, decay: 'matrices' },
    { alpha: 0.1, eps: 0.2, momentum: 0.3, weightDecay: 0.4, decays: 'matrices' },
  ],
} satisfies Record<OptimizerSpec['type'], [object, object]>

test.each(Object.entries(optimizers))(
  'the optimizer %s, with all its options',
  (type, [spec, engine]) => {
    const { definition } = buildOptimizer(
      OptimizerSpec.parse({ type, learning_rate: 0.1, ...spec }),
    )

    expect(definition).toMatchObject({ type, ...engine })
  },
)

const schedules = {
  constant: [{ warmup_steps: 7 }, { warmupSteps: 7 }],
  step: [
    { every_steps: 5, factor: 0.5, warmup_steps: 7 },
    { every: 5, factor: 0.5, warmupSteps: 7 },
  ],
  cosine: [
    { final_factor: 0.5, warmup_steps: 7 },
    { finalFactor: 0.5, warmupSteps: 7 },
  ],
  linear: [
    { final_factor: 0.5, warmup_steps: 7 },
    { finalFactor: 0.5, warmupSteps: 7 },
  ],
  one_cycle: [
    { warmup_fraction: 0.2, initial_factor: 0.5, final_factor: 0.25 },
    { warmupFraction: 0.2, initialFactor: 0.5, finalFactor: 0.25 },
  ],
} satisfies Record<ScheduleSpec['type'], [object, object]>

test.each(Object.entries(schedules))(
  'the schedule %s, with all its options',
  (type, [spec, engine]) => {
    const { definition } = buildSchedule(ScheduleSpec.parse({ type, ...spec }))

    expect(definition).toMatchObject({ type, ...engine })
  },
)

const layerTypes = {
  dense: [
    { units: 1, bias: false },
    { units: 1, bias: false },
  ],
  sigmoid: [{}, {}],
  tanh: [{}, {}],
  relu: [{}, {}],
  gelu: [{ approximate: 'tanh' }, { approximate: 'tanh' }],
  softmax: [{}, {}],
  dropout: [{ rate: 0.25 }, { rate: 0.25 }],
  conv2d: [
    { filters: 4, kernel_size: 3, stride: [1, 2], padding: [0, 1], groups: 2 },
    { filters: 4, kernelSize: [3, 3], stride: [1, 2], padding: [0, 1], groups: 2 },
  ],
  max_pool2d: [
    { size: 2, padding: 1 },
    { size: [2, 2], stride: [2, 2], padding: [1, 1] },
  ],
  average_pool2d: [
    { size: [2, 4], stride: 1 },
    { size: [2, 4], stride: [1, 1], padding: [0, 0] },
  ],
  global_average_pool2d: [{}, {}],
  flatten: [{}, {}],
  batch_norm: [
    { epsilon: 0.25, momentum: 0.5 },
    { epsilon: 0.25, momentum: 0.5 },
  ],
  layer_norm: [
    { epsilon: 0.25, bias: false },
    { epsilon: 0.25, bias: false },
  ],
  rms_norm: [{ epsilon: 0.25 }, { epsilon: 0.25 }],
  embedding: [
    { vocabulary: 65, channels: 8, padding_token: 64 },
    { vocabulary: 65, channels: 8, padding: 64 },
  ],
  positions: [
    { kind: 'learned', context: 16 },
    { type: 'learned_positions', context: 16 },
  ],
  attention: [
    { heads: 2, causal: true, bias: false, rotary: true, dropout: 0.25 },
    { heads: 2, causal: true, bias: false, rotary: true, dropout: 0.25 },
  ],
  transformer_block: [{ heads: 2, hidden: 32 }, { hidden: 32 }],
  residual: [{ layers: [{ type: 'relu' }] }, { inner: { layers: [{ type: 'relu' }] } }],
} satisfies Record<LayerSpec['type'], [object, object]>

test.each(Object.entries(layerTypes))(
  'the layer %s, with all its options',
  (type, [spec, engine]) => {
    const { definition } = buildLayer(LayerSpec.parse({ type, ...spec }))

    expect(definition).toMatchObject({ type, ...engine })
  },
)

test('positions that are not learned need no number of them', () => {
  const { definition } = buildLayer(LayerSpec.parse({ type: 'positions', kind: 'sinusoidal' }))
  expect(definition.type).toBe('sinusoidal_positions')
})

describe('presets', () => {
  const images: NetworkTask = {
    inputShape: [1, 28, 28],
    outputs: 10,
    lossName: 'categorical_cross_entropy',
  }
  const text: NetworkTask = {
    inputShape: [16],
    outputs: 65,
    lossName: 'categorical_cross_entropy',
  }

  test('cnn tells images apart', () => {
    const network = buildNetwork(ModelSpec.parse({ type: 'cnn' }), images)
    expect(network.plan([1, 28, 28], 1, 'prediction').output).toEqual([10])
  })

  test('gpt has the vocabulary and the context of its text', () => {
    const model = ModelSpec.parse({ type: 'gpt', layers: 2, heads: 2, channels: 8 })
    expect(buildNetwork(model, text).plan([16], 1, 'prediction').output).toEqual([16, 65])
  })

  test('an image that is too small for its convolutions is the fault of the model', () => {
    const model = ModelSpec.parse({ type: 'cnn', kernel_size: 9 })
    expect(complaintsOf(model, { ...images, inputShape: [1, 8, 8] })).toMatchObject([
      {
        pointer: '/model/conv/0',
        code: 'shape_mismatch',
        detail: expect.stringMatching(/^cnn: convolution 0: expected images of at least \(9, 9\)/),
      },
    ])
    const pooled = ModelSpec.parse({ type: 'cnn', conv: [4, 4, 4], kernel_size: 1, pool: 3 })
    expect(complaintsOf(pooled, { ...images, inputShape: [1, 8, 8] })).toMatchObject([
      {
        pointer: '/model/pool',
        detail: expect.stringMatching(/^cnn: the pool after convolution 1: expected images/),
      },
    ])
  })

  test('gpt divides its channels among its heads', () => {
    const model = ModelSpec.parse({ type: 'gpt', layers: 1, heads: 3, channels: 64 })
    expect(complaintsOf(model, text)).toEqual([
      {
        pointer: '/model/heads',
        code: 'shape_mismatch',
        detail:
          'gpt: expected heads that divide the 64 channels into equal parts, got 3. Change heads or channels.',
      },
    ])
  })

  test('a layer that does not fit the one before is named', () => {
    const model = layers(
      { type: 'flatten' },
      { type: 'conv2d', filters: 4, kernel_size: 3 },
      { type: 'dense', units: 10 },
    )
    expect(complaintsOf(model, images)).toMatchObject([
      { pointer: '/model/layers/1', code: 'shape_mismatch' },
    ])
  })
})

test.each(['mean_squared_error', 'binary_cross_entropy', 'categorical_cross_entropy'] as const)(
  "the loss %s is the engine's of that name",
  (name) => {
    expect(buildLoss(name).definition.type).toBe(name)
  },
)
