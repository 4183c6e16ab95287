/**
 * @file A prediction as pure arithmetic: what a predictor computes for a row, and the memory it takes,
 * its copy of the weights included.
 */
import type { Layer, LayerPlan } from '../layers/layer.ts'
import { planNetwork } from '../layers/plan-network.ts'
import { countTrained } from '../layers/trained-parameters.ts'
import type { Dtype } from '../memory/float-array.ts'
import { createLayout, type Region } from '../memory/layout.ts'
import { requireOption } from '../require-option.ts'
import { type Shape, sizeOf } from '../shape.ts'

export interface PredictionOptions {
  /** The network as it was trained, its last activation included. */
  readonly network: Layer
  readonly inputShape: Shape
  /** How many rows are computed at once; more are taken in turns. */
  readonly maxRows: number
  /** float32 when not given. */
  readonly dtype?: Dtype
}

export interface PredictionPlan {
  /** The shape of one row of the outputs. */
  readonly outputShape: Shape
  readonly parameters: number
  /** The predictor's linear memory; inputs and outputs handed over are not in it. */
  readonly memoryBytes: number
  readonly flopsPerRow: number
  /** What the predictor needs to know beside these. */
  readonly network: LayerPlan
  readonly regions: PredictionRegions
}

export interface PredictionRegions {
  readonly input: Region
  readonly output: Region
  readonly parameters: readonly Region[]
  readonly scratch: readonly Region[]
}

export function planPrediction(options: PredictionOptions): PredictionPlan {
  const { inputShape, maxRows, dtype = 'float32' } = options
  requireOption('predictor', 'maxRows', maxRows, { min: 1, integer: true })
  const network = planNetwork(options.network, inputShape, maxRows, 'prediction')
  const layout = createLayout(dtype)
  const reserve = (length: number) => layout.reserve(length)
  const regions = {
    input: reserve(maxRows * sizeOf(inputShape)),
    output: reserve(maxRows * sizeOf(network.output)),
    parameters: network.parameters.map(({ shape }) => reserve(sizeOf(shape))),
    scratch: network.scratch.map(reserve),
  }
  return {
    outputShape: network.output,
    parameters: countTrained(network.parameters),
    memoryBytes: layout.sizeBytes,
    flopsPerRow: network.flops.forward,
    network,
    regions,
  }
}
