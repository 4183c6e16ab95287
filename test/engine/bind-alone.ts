/** @file One layer on memory of its own, outside any network: what a trainer would bind, by hand. */
import type { Dtype, FloatArray, Layer } from '../../src/engine/index.ts'
import type { ForwardMode, LayerPlan } from '../../src/engine/layers/layer.ts'
import { createRandomStream } from '../../src/engine/random/stream.ts'
import { sizeOf } from '../../src/engine/shape.ts'
import type { TestTable } from './kernel-tables.ts'

export interface LoneLayer {
  readonly plan: LayerPlan
  readonly x: FloatArray
  readonly y: FloatArray
  readonly dx: FloatArray
  readonly dy: FloatArray
  readonly parameters: readonly FloatArray[]
  readonly gradients: readonly FloatArray[]
  readonly clock: { step: number }
  forward(rows?: number, mode?: ForwardMode): void
  backward(rows?: number): void
}

interface LoneLayerOptions {
  readonly table: TestTable
  readonly inputShape: readonly number[]
  readonly rows: number
  readonly dtype?: Dtype
  readonly seed?: number
  /** 0 where a token is padding. */
  readonly mask?: readonly number[]
}

/** Parameters start as their initializers say. */
export function bindAlone(layer: Layer, options: LoneLayerOptions): LoneLayer {
  const { table, inputShape, rows, dtype = table.dtypes[0], seed = 1 } = options
  const { kernels, array, arrayOf } = table.open(dtype)
  const plan = layer.plan(inputShape, rows, 'training')
  const clock = { step: 1 }
  const views = {
    x: array(rows * sizeOf(inputShape)),
    y: array(rows * sizeOf(plan.output)),
    dx: array(rows * sizeOf(inputShape)),
    dy: array(rows * sizeOf(plan.output)),
    parameters: plan.parameters.map(({ shape }) => array(sizeOf(shape))),
    gradients: plan.parameters.map(({ shape }) => array(sizeOf(shape))),
    saved: plan.saved.map(array),
    scratch: plan.scratch.map(array),
  }
  for (const [i, { initializer, fans }] of plan.parameters.entries()) {
    initializer.fill(views.parameters[i], fans, createRandomStream(seed, 'initialization', i))
  }
  let streams = 0
  const bound = plan.bind(views, {
    kernels,
    seed,
    clock,
    pulse: () => {},
    claimStream: () => streams++,
    padding: options.mask && { tokens: arrayOf(options.mask), token: 0 },
  })
  return {
    plan,
    clock,
    ...views,
    forward: (count = rows, mode = 'train') => bound.forward(count, mode),
    backward: (count = rows) => bound.backward(count),
  }
}
