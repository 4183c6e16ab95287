/** @file A planned sequence on its memory: who reads and writes which buffer, and the two loops. */
import type { FloatArray } from '../memory/float-array.ts'
import { sizeOf } from '../shape.ts'
import type { BoundLayer, LayerContext, LayerPlan, LayerUse, LayerViews } from './layer.ts'

/**
 * What becomes of an output in training: it is kept for the backward pass, or made again there, or
 * nobody reads it after the next layer.
 */
export type OutputFate = 'kept' | 'repeated' | 'passes'

export interface SequencePlan {
  readonly plans: readonly LayerPlan[]
  /** Where the parameters of each layer are among those of all. */
  readonly places: readonly (readonly number[])[]
  /** Of each output but the last. */
  readonly fates: readonly OutputFate[]
  readonly rows: number
  readonly use: LayerUse
}

export function bindSequential(
  sequence: SequencePlan,
  views: LayerViews,
  context: LayerContext,
): BoundLayer {
  const { pulse } = context
  const layers = viewsOfLayers(sequence, views).map((own, place) =>
    sequence.plans[place].bind(own, context),
  )
  return {
    forward(rows, mode) {
      for (let place = 0; place < layers.length; place++) {
        pulse()
        layers[place].forward(rows, mode)
      }
    },
    backward(rows) {
      for (let place = layers.length - 1; place >= 0; place--) {
        pulse()
        if (sequence.fates[place - 1] === 'repeated') layers[place - 1].forward(rows, 'train')
        layers[place].backward(rows)
      }
    },
  }
}

function viewsOfLayers(
  { plans, places, fates, rows, use }: SequencePlan,
  { x, y, dx, dy, parameters, gradients, saved, scratch }: LayerViews,
): LayerViews[] {
  const last = plans.length - 1
  const trains = use === 'training'
  const repeats = fates.includes('repeated')
  const [even, odd] = scratch
  const ownScratch = scratch.slice(repeats ? 3 : 2)
  const part = (buffer: FloatArray, place: number): FloatArray =>
    buffer.subarray(0, rows * sizeOf(plans[place].output))
  const turn = (place: number) => part(place % 2 === 0 ? even : odd, place)
  const nextSaved = takeInTurn(saved)
  const outputs = plans.map((_, place) => {
    if (place === last) return y
    switch (fates[place]) {
      case 'kept':
        return nextSaved(1)[0]
      case 'repeated':
        return part(scratch[2], place)
      case 'passes':
        return turn(place)
      default:
        return fates[place] satisfies never
    }
  })
  const outputGradient = (place: number) => (place === last || !trains ? dy : turn(place))

  return plans.map((plan, place) => ({
    x: place === 0 ? x : outputs[place - 1],
    y: outputs[place],
    dx: place === 0 ? dx : outputGradient(place - 1),
    dy: outputGradient(place),
    parameters: places[place].map((at) => parameters[at]),
    gradients: trains ? places[place].map((at) => gradients[at]) : [],
    saved: trains ? nextSaved(plan.saved.length) : [],
    scratch: ownScratch.slice(0, plan.scratch.length),
  }))
}

function takeInTurn(views: readonly FloatArray[]): (count: number) => FloatArray[] {
  let taken = 0
  return (count) => {
    taken += count
    return views.slice(taken - count, taken)
  }
}
