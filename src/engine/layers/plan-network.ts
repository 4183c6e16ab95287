/** @file The plan of a whole network: a layer that nothing encloses, so that nothing is left to share with. */
import { EngineError } from '../errors.ts'
import type { Shape } from '../shape.ts'
import type { Layer, LayerPlan, LayerUse } from './layer.ts'

/** Throws `invalid_definition` where a parameter shares the values of one that is not there. */
export function planNetwork(
  network: Layer,
  inputShape: Shape,
  rows: number,
  use: LayerUse,
): LayerPlan {
  const plan = network.plan(inputShape, rows, use)
  const alone = plan.parameters.find(({ shares }) => shares !== undefined)
  if (!alone) return plan
  throw new EngineError(
    'invalid_definition',
    `network: ${alone.name} shares the values of ${alone.shares}, but no layer before it has a parameter of that name.`,
  )
}
