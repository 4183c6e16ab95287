/**
 * @file The parameters of a sequence: those of its layers, each name with its layer's in front, and one
 * that shares another's values left out. What shares with nothing in here may do so further out.
 */
import { EngineError } from '../errors.ts'
import { describeShape } from '../shape.ts'
import type { LayerPlan, ParameterPlan } from './layer.ts'

export interface GatheredParameters {
  readonly parameters: readonly ParameterPlan[]
  /** For each layer, where its parameters are among them. */
  readonly places: readonly (readonly number[])[]
}

export function gatherParameters(
  plans: readonly LayerPlan[],
  names: readonly string[],
): GatheredParameters {
  const parameters: ParameterPlan[] = []
  const placesByName = new Map<string, number>()
  const placeOf = (parameter: ParameterPlan, layer: string): number => {
    const name = layer === '' ? parameter.name : `${layer}.${parameter.name}`
    const shared = parameter.shares === undefined ? undefined : placesByName.get(parameter.shares)
    if (shared === undefined) {
      const place = parameters.push({ ...parameter, name }) - 1
      placesByName.set(name, place)
      return place
    }
    checkSameShape(parameters[shared], { ...parameter, name })
    return shared
  }
  const places = plans.map((plan, i) =>
    plan.parameters.map((parameter) => placeOf(parameter, names[i])),
  )
  return { parameters, places }
}

function checkSameShape(owner: ParameterPlan, sharer: ParameterPlan): void {
  const [expected, given] = [describeShape(owner.shape), describeShape(sharer.shape)]
  if (expected === given) return
  throw new EngineError(
    'shape_mismatch',
    `${sharer.name}: expected the shape ${expected} of ${owner.name}, which it shares, got ${given}.`,
  )
}
