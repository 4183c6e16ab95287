/** @file A planned sequence on its memory: who reads and writes which buffer, and the two loops. */
import type { FloatArray } from '../memory/float-array.ts'
import { sizeOf } from '../shape.ts'
import type { BoundLayer, LayerContext, LayerPlan, LayerUse, LayerViews } from './layer.ts'

export function bindSequential(
  plans: readonly LayerPlan[],
  rows: number,
  use: LayerUse,
  views: LayerViews,
  context: LayerContext,
): BoundLayer {
  const { pulse } = context
  const layers = viewsOfLayers(plans, rows, use, views).map((own, place) =>
    plans[place].bind(own, context),
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
  plans: readonly LayerPlan[],
  rows: number,
  use: LayerUse,
  { x, y, dx, dy, parameters, gradients, saved, scratch }: LayerViews,
): LayerViews[] {
  const last = plans.length - 1
  const [even, odd, ...ownScratch] = scratch
  const turn = (place: number): FloatArray =>
    (place % 2 === 0 ? even : odd).subarray(0, rows * sizeOf(plans[place].output))
  const keeps = use === 'training'
  const output = (place: number) => (place === last ? y : keeps ? saved[place] : turn(place))
  const outputGradient = (place: number) => (place === last || !keeps ? dy : turn(place))

  const nextParameters = takeInTurn(parameters)
  const nextGradients = takeInTurn(gradients)
  const nextSaved = takeInTurn(keeps ? saved.slice(last) : [])
  return plans.map((plan, place) => ({
    x: place === 0 ? x : output(place - 1),
    y: output(place),
    dx: place === 0 ? dx : outputGradient(place - 1),
    dy: outputGradient(place),
    parameters: nextParameters(plan.parameters.length),
    gradients: nextGradients(plan.parameters.length),
    saved: nextSaved(plan.saved.length),
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
