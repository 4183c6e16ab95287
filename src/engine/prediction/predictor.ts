/**
 * @file A predictor: a network with given weights, on memory of its own, for rows of any number.
 *
 * Its last activation is applied, so a classifier answers with probabilities.
 */
import { EngineError } from '../errors.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { referenceKernels } from '../kernels/reference/reference-kernels.ts'
import type { BoundLayer, Layer, LayerPlan } from '../layers/layer.ts'
import { createFloatArray, type Dtype, type FloatArray } from '../memory/float-array.ts'
import { createLayout, type LinearMemory, type Region, viewRegion } from '../memory/layout.ts'
import { requireOption } from '../require-option.ts'
import { describeShape, type Shape, sizeOf } from '../shape.ts'
import { hasShape, type NamedTensors } from '../tensor.ts'

export interface PredictorOptions {
  /** The network as it was trained, its last activation included. */
  readonly network: Layer
  readonly inputShape: Shape
  readonly weights: NamedTensors
  /** How many rows are computed at once; more are taken in turns. */
  readonly maxRows: number
  readonly kernels?: Kernels
  /** float32 when not given. */
  readonly dtype?: Dtype
}

export interface Predictor {
  /** The shape of one row of the outputs. */
  readonly outputShape: Shape
  /** (rows, ...inputShape) -> (rows, ...outputShape), in a new array. */
  predict(inputs: FloatArray, rows: number): FloatArray
}

export function createPredictor(options: PredictorOptions): Predictor {
  const { network, inputShape, weights, maxRows, dtype = 'float32' } = options
  requireOption('predictor', 'maxRows', maxRows, { min: 1, integer: true })
  const plan = network.plan(inputShape, maxRows, 'prediction')
  const kernels = options.kernels ?? referenceKernels
  const { x, y, layer } = bindNetwork(plan, { inputShape, weights, maxRows, dtype, kernels })
  const inputSize = sizeOf(inputShape)
  const outputSize = sizeOf(plan.output)

  return {
    outputShape: plan.output,
    predict(inputs, rows) {
      if (inputs.length !== rows * inputSize) {
        throw new EngineError(
          'shape_mismatch',
          `predict: expected ${rows} rows of ${describeShape(inputShape)}, got ${inputs.length} numbers in all.`,
        )
      }
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
  plan: LayerPlan,
  { inputShape, weights, maxRows, dtype, kernels }: Required<Omit<PredictorOptions, 'network'>>,
): BoundNetwork {
  const layout = createLayout(dtype)
  const reserve = (length: number) => layout.reserve(length)
  const input = reserve(maxRows * sizeOf(inputShape))
  const output = reserve(maxRows * sizeOf(plan.output))
  const parameters = plan.parameters.map(({ shape }) => reserve(sizeOf(shape)))
  const scratch = plan.scratch.map(reserve)

  const memory: LinearMemory = { buffer: new ArrayBuffer(layout.sizeBytes) }
  const view = (region: Region) => viewRegion(memory, dtype, region)
  const x = view(input)
  const y = view(output)
  const parameterViews = parameters.map(view)
  setWeights(plan, parameterViews, weights)
  let streams = 0
  const layer = plan.bind(
    // Nothing is learned here, so what concerns gradients is empty.
    {
      x,
      y,
      dx: null,
      dy: createFloatArray(dtype, 0),
      parameters: parameterViews,
      gradients: [],
      saved: [],
      scratch: scratch.map(view),
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
