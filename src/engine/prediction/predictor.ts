/**
 * @file A predictor: a network with given weights, on memory of its own, for rows of any number.
 *
 * Its last activation is applied, so a classifier answers with probabilities.
 */
import { EngineError } from '../errors.ts'
import { type KernelBackend, type OpenedMemory, referenceBackend } from '../kernels/backend.ts'
import type { BoundLayer, LayerPlan } from '../layers/layer.ts'
import { createFloatArray, type Dtype, type FloatArray } from '../memory/float-array.ts'
import { type Region, viewRegion } from '../memory/layout.ts'
import { describeShape, type Shape, sizeOf } from '../shape.ts'
import { hasShape, type NamedTensors } from '../tensor.ts'
import { type PredictionOptions, type PredictionPlan, planPrediction } from './plan-prediction.ts'

export interface PredictorOptions extends PredictionOptions {
  /** By name, as a trainer gives them or a file holds them. */
  readonly weights: NamedTensors
  /** The reference table's when not given. */
  readonly backend?: KernelBackend
}

export interface Predictor {
  /** The shape of one row of the outputs. */
  readonly outputShape: Shape
  /** (rows, ...inputShape) -> (rows, ...outputShape), in a new array. */
  predict(inputs: FloatArray, rows: number): FloatArray
}

export function createPredictor(options: PredictorOptions): Predictor {
  const { inputShape, weights, maxRows, dtype = 'float32', backend = referenceBackend } = options
  const plan = planPrediction(options)
  const opened = backend.open(plan.memoryBytes)
  const { kernels } = opened
  const { x, y, layer } = bindNetwork(plan, weights, dtype, opened)
  const inputSize = sizeOf(inputShape)
  const outputSize = sizeOf(plan.outputShape)

  return {
    outputShape: plan.outputShape,
    predict(inputs, rows) {
      if (inputs.length !== rows * inputSize) {
        throw new EngineError(
          'shape_mismatch',
          `predict: expected ${rows} rows of ${describeShape(inputShape)}, got ${inputs.length} numbers in all.`,
        )
      }
      plan.network.checkInputs?.({ values: inputs })
      const outputs = createFloatArray(dtype, rows * outputSize)
      for (let start = 0; start < rows; start += maxRows) {
        const count = Math.min(maxRows, rows - start)
        kernels.gatherRows(x, inputs, null, start, count, inputSize)
        layer.forward(count, 'evaluate')
        outputs.set(y.subarray(0, count * outputSize), start * outputSize)
      }
      return outputs
    },
  }
}

interface BoundNetwork {
  readonly x: FloatArray
  readonly y: FloatArray
  readonly layer: BoundLayer
}

function bindNetwork(
  { network, regions }: PredictionPlan,
  weights: NamedTensors,
  dtype: Dtype,
  { kernels, memory }: OpenedMemory,
): BoundNetwork {
  const view = (region: Region) => viewRegion(memory, dtype, region)
  const x = view(regions.input)
  const y = view(regions.output)
  const parameters = regions.parameters.map(view)
  setWeights(network, parameters, weights)
  let streams = 0
  const layer = network.bind(
    // Nothing is learned here, so what concerns gradients is empty.
    {
      x,
      y,
      dx: null,
      dy: createFloatArray(dtype, 0),
      parameters,
      gradients: [],
      saved: [],
      scratch: regions.scratch.map(view),
    },
    { kernels, seed: 0, clock: { step: 0 }, pulse: () => {}, claimStream: () => streams++ },
  )
  return { x, y, layer }
}

/** Throws `weights_mismatch` unless the weights are those of the network: no more, no less. */
function setWeights(plan: LayerPlan, views: readonly FloatArray[], weights: NamedTensors): void {
  const given = new Map(Object.entries(weights))
  for (const [i, { name, shape }] of plan.parameters.entries()) {
    const tensor = given.get(name)
    if (!tensor || !hasShape(tensor, shape)) {
      const found = tensor
        ? `${describeShape(tensor.shape)}, ${tensor.data.length} numbers`
        : 'none'
      throw new EngineError(
        'weights_mismatch',
        `weights: expected ${name} of shape ${describeShape(shape)}, got ${found}.`,
      )
    }
    views[i].set(tensor.data)
    given.delete(name)
  }
  if (given.size === 0) return
  throw new EngineError(
    'weights_mismatch',
    `weights: the network has no ${[...given.keys()].join(', ')}. Use the network that they were trained in.`,
  )
}
