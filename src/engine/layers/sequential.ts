/**
 * @file Layers one after the other, as a layer itself. Parameters are named by place, `0.weight`, unless
 * the layers are given names.
 *
 * In training the outputs that a backward pass reads are kept, or made again where that is cheap, in one
 * buffer for all. Gradients, each read once, take turns in two buffers; the other outputs take turns
 * there as well, and in prediction all do.
 */
import { EngineError } from '../errors.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { bindSequential, type OutputFate } from './bind-sequential.ts'
import { gatherParameters } from './gather-parameters.ts'
import type { Layer, LayerPlan, LayerUse } from './layer.ts'

export interface Sequential extends Layer {
  readonly layers: readonly Layer[]
  /** In front of each layer's parameters; an empty one leaves them as they are. */
  readonly names: readonly string[]
  /** The same without the layers from `end` on. */
  until(end: number, last?: Layer): Sequential
}

export function sequential(layers: readonly Layer[], given?: readonly string[]): Sequential {
  if (layers.length === 0) {
    throw new EngineError(
      'invalid_definition',
      'sequential: expected at least one layer, got none.',
    )
  }
  const names = given ?? layers.map((_, place) => String(place))
  return {
    layers,
    names,
    definition: {
      type: 'sequential',
      layers: layers.map((layer) => layer.definition),
      ...(given ? { names: given } : {}),
    },
    until: (end, last) =>
      sequential(
        [...layers.slice(0, end), ...(last ? [last] : [])],
        given?.slice(0, last ? end + 1 : end),
      ),
    plan: (input, rows, use) => planSequential(layers, names, input, rows, use),
  }
}

function planSequential(
  layers: readonly Layer[],
  names: readonly string[],
  input: Shape,
  rows: number,
  use: LayerUse,
): LayerPlan {
  const plans: LayerPlan[] = []
  for (const [place, layer] of layers.entries()) {
    const shape = plans.at(-1)?.output ?? input
    plans.push(planNamed(layer, names[place], shape, rows, use))
  }

  const last = plans[plans.length - 1]
  const inner = plans.slice(0, -1).map((plan) => rows * sizeOf(plan.output))
  const fates = use === 'training' ? fatesOf(plans) : inner.map((): OutputFate => 'passes')
  const repeated = Math.max(0, ...inner.filter((_, place) => fates[place] === 'repeated'))
  const turns = [largestAt(inner, 0), largestAt(inner, 1), ...(repeated > 0 ? [repeated] : [])]
  const { parameters, places } = gatherParameters(plans, names)
  return {
    output: last.output,
    parameters,
    saved: [
      ...inner.filter((_, place) => fates[place] === 'kept'),
      ...(use === 'training' ? plans.flatMap((plan) => plan.saved) : []),
    ],
    scratch: [...turns, ...sharedScratch(plans)],
    flops: {
      forward: plans.reduce((sum, plan) => sum + plan.flops.forward, 0),
      backward: plans.reduce((sum, plan) => sum + plan.flops.backward, 0),
    },
    reads: { input: plans[0].reads?.input ?? true, output: last.reads?.output ?? true },
    leastRows: Math.max(...plans.map((plan) => plan.leastRows ?? 1)),
    checkInputs: plans[0].checkInputs,
    bind: (views, context) => bindSequential({ plans, places, fates, rows, use }, views, context),
  }
}

/** Of each output but the last. What is made again needs its own input, which so must be kept. */
function fatesOf(plans: readonly LayerPlan[]): OutputFate[] {
  const fates: OutputFate[] = []
  for (let place = 0; place < plans.length - 1; place++) {
    const repeats = plans[place].repeats === true && fates.at(-1) !== 'repeated'
    fates.push(!isRead(plans, place) ? 'passes' : repeats ? 'repeated' : 'kept')
  }
  return fates
}

/** Whether a backward pass reads the output of the layer at `place`. */
function isRead(plans: readonly LayerPlan[], place: number): boolean {
  return (plans[place].reads?.output ?? true) || (plans[place + 1].reads?.input ?? true)
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

function planNamed(
  layer: Layer,
  name: string,
  input: Shape,
  rows: number,
  use: LayerUse,
): LayerPlan {
  try {
    return layer.plan(input, rows, use)
  } catch (error) {
    if (!(error instanceof EngineError) || name === '') throw error
    throw new EngineError(error.code, `layer ${name}: ${error.message}`)
  }
}
