/**
 * @file Where in a model a layer stands, in the words of the spec: as a pointer, and as a path for people,
 * `Layer 1 (residual), layer 0 (dense)`. What the engine refuses of a layer is said of its place.
 */
import type { LayerSpec } from '../contract/spec/layers.ts'
import { SpecError } from '../data/spec-error.ts'
import { EngineError } from '../engine/index.ts'

export interface LayerPlace {
  readonly pointer: string
  readonly path: string
}

/** Of the list of a model, whose layers are in no other. */
export const outermost: LayerPlace = { pointer: '/model', path: '' }

/** Of layer `i` in the list of the layer at `outer`. */
export function placeWithin(outer: LayerPlace, i: number, { type }: LayerSpec): LayerPlace {
  const name = outer.path === '' ? 'Layer' : `${outer.path}, layer`
  return { pointer: `${outer.pointer}/layers/${i}`, path: `${name} ${i} (${type})` }
}

export interface PlacedLayer {
  readonly layer: LayerSpec
  readonly place: LayerPlace
}

/** Every layer, with those inside others. */
export function placedLayers(layers: readonly LayerSpec[], outer = outermost): PlacedLayer[] {
  return layers.flatMap((layer, i) => {
    const place = placeWithin(outer, i, layer)
    return [
      { layer, place },
      ...(layer.type === 'residual' ? placedLayers(layer.layers, place) : []),
    ]
  })
}

/** Throws SpecError for what the engine refuses, with a pointer at the option where it is one's fault. */
export function buildingAt<T>(
  { pointer, path }: LayerPlace,
  { owner, options = {} }: { readonly owner: string; readonly options?: object },
  build: () => T,
): T {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { code, message, option } = error
    const known = option !== undefined && Object.hasOwn(options, option)
    // The path names the layer already.
    const reason = message.startsWith(`${owner}: `) ? message.slice(owner.length + 2) : message
    const detail = `${path}: ${reason}`
    throw new SpecError([{ pointer: known ? `${pointer}/${option}` : pointer, code, detail }])
  }
}
