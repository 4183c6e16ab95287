/** @file The common form of layers that reduce each channel of an image window by window. */
import type { Definition } from '../definition.ts'
import { EngineError } from '../errors.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { describeShape } from '../shape.ts'
import { checkWindow, type Pair, planWindow, requireImage, type Window } from '../window.ts'
import type { BoundLayer, Layer, LayerPlan, LayerViews } from './layer.ts'

export interface Pool2dOptions {
  readonly size: Pair
  /** The size when not given: windows side by side. */
  readonly stride?: Pair
  /** On each side, at most half of the size; [0, 0] when not given. */
  readonly padding?: Pair
}

type BindPool = (
  views: LayerViews,
  kernels: Kernels,
  channels: number,
  window: Window,
) => BoundLayer

export function pool2d(type: string, options: Pool2dOptions, bind: BindPool): Layer {
  const { size, stride = size, padding = [0, 0] } = options
  checkWindow(type, { size, stride, padding }, 'size')
  if (padding[0] * 2 > size[0] || padding[1] * 2 > size[1]) {
    throw new EngineError(
      'invalid_definition',
      `${type}: padding must be at most half of the size ${describeShape(size)}, got ${describeShape(padding)}.`,
      { option: 'padding' },
    )
  }
  const definition: Definition = { type, size, stride, padding }
  return {
    definition,

    /** (C, H, W) -> (C, OH, OW) */
    plan(input): LayerPlan {
      const image = requireImage(type, input)
      const [C] = image
      const window = planWindow(type, image, { size, stride, padding })
      const reads = C * window.OH * window.OW * window.kH * window.kW
      return {
        output: [C, window.OH, window.OW],
        parameters: [],
        saved: [],
        scratch: [],
        flops: { forward: reads, backward: reads },
        bind: (views, { kernels }) => bind(views, kernels, C, window),
      }
    },
  }
}
