/**
 * @file How the parameters of a network lie next to each other: those that decay first, those that do
 * not train last, each on a cache line of its own.
 *
 *   | decaying | not decaying | not training, such as running statistics |
 *
 * Gradients and optimizer state have the same layout up to where training ends, best weights have it
 * whole, so that an optimizer step over thousands of tensors is one or two calls. The gaps hold zeros,
 * which no optimizer changes.
 */
import type { LayerPlan, ParameterPlan } from '../layers/layer.ts'
import { trains } from '../layers/trained-parameters.ts'
import { type Dtype, elementBytes, type FloatArray } from '../memory/float-array.ts'
import { createLayout } from '../memory/layout.ts'
import { sizeOf } from '../shape.ts'

export interface ParameterArena {
  /** In elements, gaps included. */
  readonly length: number
  /** Where the parameters end that decay, and those that train, in elements. */
  readonly decayingLength: number
  readonly trainedLength: number
  /** In the order of the layers. */
  readonly parameters: readonly PlacedParameter[]
}

export interface PlacedParameter extends ParameterPlan {
  readonly start: number
  readonly length: number
}

export function arrangeParameters(plan: LayerPlan, dtype: Dtype): ParameterArena {
  const layout = createLayout(dtype)
  const bytes = elementBytes[dtype]
  const place = (parameter: ParameterPlan): PlacedParameter => {
    const { offsetBytes, length } = layout.reserve(sizeOf(parameter.shape))
    return { ...parameter, start: offsetBytes / bytes, length }
  }
  const placed = new Map<ParameterPlan, PlacedParameter>()
  /** Places the parameters of a section; returns where it ends. */
  const placeAll = (belongs: (parameter: ParameterPlan) => boolean): number => {
    for (const parameter of plan.parameters.filter(belongs)) placed.set(parameter, place(parameter))
    return layout.sizeBytes / bytes
  }
  const decayingLength = placeAll((parameter) => trains(parameter) && parameter.decays)
  const trainedLength = placeAll((parameter) => trains(parameter) && !parameter.decays)
  const length = placeAll((parameter) => !trains(parameter))
  return {
    length,
    decayingLength,
    trainedLength,
    parameters: plan.parameters.flatMap((parameter) => placed.get(parameter) ?? []),
  }
}

/**
 * The view of each parameter in an arena, in the order of the layers. In one that ends where training
 * ends, the others have empty views.
 */
export function viewsInArena(arena: ParameterArena, values: FloatArray): FloatArray[] {
  return arena.parameters.map(({ start, length }) => values.subarray(start, start + length))
}
