/** @file A planned sequence on its memory: who reads and writes which buffer, and the two loops. */
import type { FloatArray } from '../memory/float-array.ts'
import { sizeOf } from '../shape.ts'
import type { BoundLayer, LayerContext, LayerPlan, LayerUse, LayerViews } from './layer.ts'

export interface SequencePlan {
  readonly plans: readonly LayerPlan[]
  /** Where the parameters of each layer are among those of all. */
  readonly places: readonly (readonly number[])[]
  /** Whether each output but the last is kept for the backward pass. */
  readonly kept: readonly boolean[]
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
        layers[place].backward(rows)
      }
    },
  }
}

function viewsOfLayers(
  { plans, places, kept, rows, use }: SequencePlan,
  { x, y, dx, dy, parameters, gradients, saved, scratch }: LayerViews,
): LayerViews[] {
  const last = plans.length - 1
  const trains = use === 'training'
  const [even, odd, ...ownScratch] = scratch
  const turn = (place: number): FloatArray =>
    (place % 2 === 0 ? even : odd).subarray(0, rows * sizeOf(plans[place].output))
  const nextSaved = takeInTurn(saved)
  const outputs = plans.map((_, place) => {
    if (place === last) return y
    return kept[place] ? nextSaved(1)[0] : turn(place)
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
