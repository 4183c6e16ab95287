/**
 * @file How the parameters of a network lie next to each other: those that decay first, each on a
 * cache line of its own.
 *
 * Gradients, optimizer state and best weights have the same layout, so that an optimizer step over
 * thousands of tensors is one or two calls. The gaps hold zeros, which no optimizer changes.
 */
import type { LayerPlan, ParameterPlan } from '../layers/layer.ts'
import { type Dtype, elementBytes, type FloatArray } from '../memory/float-array.ts'
import { createLayout } from '../memory/layout.ts'
import { sizeOf } from '../shape.ts'

export interface ParameterArena {
  /** In elements, gaps included. */
  readonly length: number
  /** Where the parameters end that decay, in elements. */
  readonly decayingLength: number
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
  for (const parameter of plan.parameters)
    if (parameter.decays) placed.set(parameter, place(parameter))
  const decayingLength = layout.sizeBytes / bytes
  for (const parameter of plan.parameters)
    if (!parameter.decays) placed.set(parameter, place(parameter))
  return {
    length: layout.sizeBytes / bytes,
    decayingLength,
    parameters: plan.parameters.flatMap((parameter) => placed.get(parameter) ?? []),
  }
}

/** The view of each parameter in an arena, in the order of the layers. */
export function viewsInArena(arena: ParameterArena, values: FloatArray): FloatArray[] {
  return arena.parameters.map(({ start, length }) => values.subarray(start, start + length))
}
