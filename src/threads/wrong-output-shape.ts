/** @file A network whose answers have another shape than the targets: which layer it is, and what to do. */
import type { ErrorItem } from '../contract/errors.ts'
import type { LayerSpec } from '../contract/spec/layers.ts'
import type { ModelSpec } from '../contract/spec/model.ts'
import type { TaskShape } from '../data/task.ts'
import { lastShaping } from './last-shaping.ts'
import { outermost, placeWithin } from './layer-place.ts'

type Shape = readonly number[]

export function wrongOutputShape(
  model: ModelSpec,
  given: Shape,
  { outputs, outputShapes }: Pick<TaskShape, 'outputs' | 'outputShapes'>,
): ErrorItem[] {
  if (outputShapes.some((shape) => shape.join() === given.join())) return []
  const came = `puts out ${nameOf(given)} for each row; expected ${outputShapes.map(nameOf).join(' or ')}`
  const code = 'output_mismatch'
  // A preset is made to fit.
  if (model.type !== 'layers') {
    return [{ pointer: '/model', code, detail: `The network ${came}.` }]
  }
  const { layers } = model
  const shaping = lastShaping(layers)
  const last = shaping === -1 ? layers.length - 1 : shaping
  const { pointer, path } = placeWithin(outermost, last, layers[last])
  // One answer for each position is as good, where the task is to foretell the next token.
  const perPosition = outputShapes.some((shape) => shape.length === given.length)
  const hint = hintFor(layers[last], given, outputs, perPosition)
  return [{ pointer, code, detail: `${path} ${came}. ${hint}` }]
}

function hintFor({ type }: LayerSpec, given: Shape, outputs: number, perPosition: boolean): string {
  const before = given.length === 3 ? 'a flatten or global_average_pool2d layer' : 'a flatten layer'
  const isFlat = given.length === 1 || perPosition
  if (type === 'dense') return `Put ${before} before it, which makes one row of each.`
  const rest = isFlat ? '' : `${before}, and after it `
  return `Add ${rest}a dense layer with units ${outputs}.`
}

function nameOf(shape: Shape): string {
  return `(${shape.join(', ')})`
}
