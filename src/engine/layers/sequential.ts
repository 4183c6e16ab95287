/**
 * @file Layers one after the other, as a layer itself. Parameters are named by place: `0.weight`.
 *
 * In training every output is kept for the backward pass, while gradients, each read once, take turns
 * in two buffers; in prediction the outputs take turns as well.
 */
import { EngineError } from '../errors.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { bindSequential } from './bind-sequential.ts'
import type { Layer, LayerPlan, LayerUse } from './layer.ts'

export interface Sequential extends Layer {
  readonly layers: readonly Layer[]
}

export function sequential(layers: readonly Layer[]): Sequential {
  if (layers.length === 0) {
    throw new EngineError(
      'invalid_definition',
      'sequential: expected at least one layer, got none.',
    )
  }
  return {
    layers,
    definition: { type: 'sequential', layers: layers.map((layer) => layer.definition) },
    plan: (input, rows, use) => planSequential(layers, input, rows, use),
  }
}

function planSequential(
  layers: readonly Layer[],
  input: Shape,
  rows: number,
  use: LayerUse,
): LayerPlan {
  const plans: LayerPlan[] = []
  for (const [place, layer] of layers.entries()) {
    const shape = plans.at(-1)?.output ?? input
    plans.push(planInPlace(layer, place, shape, rows, use))
  }

  const inner = plans.slice(0, -1).map((plan) => rows * sizeOf(plan.output))
  const turns = [largestAt(inner, 0), largestAt(inner, 1)]
  return {
    output: plans[plans.length - 1].output,
    parameters: plans.flatMap((plan, place) =>
      plan.parameters.map((parameter) => ({ ...parameter, name: `${place}.${parameter.name}` })),
    ),
    saved: use === 'training' ? [...inner, ...plans.flatMap((plan) => plan.saved)] : [],
    scratch: [...turns, ...sharedScratch(plans)],
    flops: {
      forward: plans.reduce((sum, plan) => sum + plan.flops.forward, 0),
      backward: plans.reduce((sum, plan) => sum + plan.flops.backward, 0),
    },
    bind: (views, context) => bindSequential(plans, rows, use, views, context),
  }
}

/** The largest of every other size: what a buffer must hold that is used at every second place. */
function largestAt(sizes: readonly number[], parity: number): number {
  return sizes.reduce((max, size, i) => (i % 2 === parity && size > max ? size : max), 0)
}

/** Only one layer runs at a time, so buffer j of each layer can be the same. */
function sharedScratch(plans: readonly LayerPlan[]): number[] {
  const buffers: number[] = []
  for (const { scratch } of plans) {
    for (const [j, size] of scratch.entries()) buffers[j] = Math.max(buffers[j] ?? 0, size)
  }
  return buffers
}

function planInPlace(
  layer: Layer,
  place: number,
  input: Shape,
  rows: number,
  use: LayerUse,
): LayerPlan {
  try {
    return layer.plan(input, rows, use)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new EngineError(error.code, `layer ${place}: ${error.message}`)
  }
}
