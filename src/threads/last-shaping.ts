/** @file Which layer of a list gives the network the shape of its outputs. */
import type { LayerSpec } from '../contract/spec/layers.ts'

/** Layers after which the shape is theirs; the others keep what they get, or some of it. */
const givesShape: ReadonlySet<LayerSpec['type']> = new Set([
  'dense',
  'conv2d',
  'flatten',
  'global_average_pool2d',
  'embedding',
])

/** Its index, or -1 where all keep what they get. */
export function lastShaping(layers: readonly LayerSpec[]): number {
  return layers.findLastIndex(({ type }) => givesShape.has(type))
}
