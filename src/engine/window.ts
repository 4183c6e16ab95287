/**
 * @file A window that moves over images in steps, as convolutions and pools have it: its sizes, checked,
 * and how many places it takes.
 */
import { EngineError } from './errors.ts'
import { requireOption } from './require-option.ts'
import { describeShape, type Shape } from './shape.ts'

/** In rows and columns, as all pairs here. */
export type Pair = readonly [number, number]

export interface Window {
  /** The image that comes in. */
  readonly H: number
  readonly W: number
  readonly kH: number
  readonly kW: number
  /** The steps. */
  readonly sH: number
  readonly sW: number
  /** Rows above the image and columns left of it. Those after it follow from the places. */
  readonly pH: number
  readonly pW: number
  /** The places that the window takes: the image that goes out. */
  readonly OH: number
  readonly OW: number
}

export interface WindowOptions {
  readonly size: Pair
  readonly stride: Pair
  /** On each side; `same` for as many places as there are pixels. */
  readonly padding: Pair | 'same'
}

/** Throws `invalid_definition`, naming the owner and the option, before there is any shape. */
export function checkWindow(
  owner: string,
  { size, stride, padding }: WindowOptions,
  sizeName: string,
): void {
  const count = { min: 1, integer: true }
  for (const side of size) requireOption(owner, `each side of ${sizeName}`, side, count)
  for (const side of stride) requireOption(owner, 'each side of stride', side, count)
  if (padding !== 'same') {
    for (const side of padding) {
      requireOption(owner, 'each side of padding', side, { min: 0, integer: true })
    }
  } else if (stride[0] !== 1 || stride[1] !== 1) {
    throw new EngineError(
      'invalid_definition',
      `${owner}: padding 'same' needs a stride of (1, 1), got ${describeShape(stride)}. Give the padding in numbers.`,
      { option: 'padding' },
    )
  }
}

/** (C, H, W), or throws `shape_mismatch`. */
export function requireImage(owner: string, input: Shape): readonly [number, number, number] {
  const [C, H, W] = input
  if (input.length === 3 && C * H * W > 0) return [C, H, W]
  throw new EngineError(
    'shape_mismatch',
    `${owner}: expected images of (channels, height, width), got ${describeShape(input)}.`,
  )
}

/** Throws `shape_mismatch` where the window does not fit into the padded image. */
export function planWindow(
  owner: string,
  [, H, W]: readonly [number, number, number],
  { size: [kH, kW], stride: [sH, sW], padding }: WindowOptions,
): Window {
  const isSame = padding === 'same'
  // PyTorch's 'same' puts what does not halve at the end.
  const [pH, pW] = isSame ? [Math.floor((kH - 1) / 2), Math.floor((kW - 1) / 2)] : padding
  const OH = isSame ? H : Math.floor((H + 2 * pH - kH) / sH) + 1
  const OW = isSame ? W : Math.floor((W + 2 * pW - kW) / sW) + 1
  if (OH >= 1 && OW >= 1) return { H, W, kH, kW, sH, sW, pH, pW, OH, OW }
  throw new EngineError(
    'shape_mismatch',
    `${owner}: expected images of at least ${describeShape([kH, kW])}, padding included, got ${describeShape([H, W])} with a padding of ${describeShape([pH, pW])}.`,
  )
}
