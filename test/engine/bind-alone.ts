/** @file One layer on memory of its own, outside any network: what a trainer would bind, by hand. */
import type { Dtype, FloatArray, Kernels, Layer } from '../../src/engine/index.ts'
import type { ForwardMode, LayerPlan } from '../../src/engine/layers/layer.ts'
import { createFloatArray } from '../../src/engine/memory/float-array.ts'
import { createRandomStream } from '../../src/engine/random/stream.ts'
import { sizeOf } from '../../src/engine/shape.ts'

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
  readonly kernels: Kernels
  readonly inputShape: readonly number[]
  readonly rows: number
  readonly dtype?: Dtype
  readonly seed?: number
}

/** Parameters start as their initializers say. */
export function bindAlone(layer: Layer, options: LoneLayerOptions): LoneLayer {
  const { kernels, inputShape, rows, dtype = 'float64', seed = 1 } = options
  const plan = layer.plan(inputShape, rows, 'training')
  const array = (length: number) => createFloatArray(dtype, length)
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
  })
  return {
    plan,
    clock,
    ...views,
    forward: (count = rows, mode = 'train') => bound.forward(count, mode),
    backward: (count = rows) => bound.backward(count),
  }
}
