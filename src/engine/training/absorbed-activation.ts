/**
 * @file The network as the loss wants it: without the last activation, if the loss computes that one
 * itself. The names and the first values of the parameters do not change by it.
 */
import { EngineError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'
import type { Sequential } from '../layers/sequential.ts'
import type { Loss } from '../losses/loss.ts'

/** Throws `invalid_definition` where the network does not end as the loss needs. */
export function withoutAbsorbed(network: Layer, loss: Loss): Layer {
  if (loss.absorbs === null) return network
  const body = withoutLast(network, loss.absorbs)
  if (body) return body
  throw new EngineError(
    'invalid_definition',
    `${loss.definition.type}: the network must end in ${loss.absorbs}, after other layers, but it ends in ${lastTypeOf(network)}. Add ${loss.absorbs} as its last layer.`,
  )
}

function withoutLast(network: Layer, type: string): Layer | undefined {
  if (!isSequential(network)) return undefined
  const end = network.layers.length - 1
  const last = network.layers[end]
  if (last.definition.type === type) return end > 0 ? network.until(end) : undefined
  const rest = withoutLast(last, type)
  return rest && network.until(end, rest)
}

function lastTypeOf(network: Layer): string {
  return isSequential(network)
    ? lastTypeOf(network.layers[network.layers.length - 1])
    : network.definition.type
}

function isSequential(layer: Layer): layer is Sequential {
  return layer.definition.type === 'sequential'
}
