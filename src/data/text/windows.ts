/**
 * @file Which windows of a text are rows. A window is `context` tokens and the one after them.
 *
 * Training reads windows from every place; validation takes one after the other, so that each token
 * counts once. The last part of the text is held out: windows that overlap would tell it to training
 * if they were dealt out by chance.
 */
import type { RowSource, TrainingData } from '../../engine/index.ts'
import type { Tokens } from './tokens.ts'

/** Tokens at the end of a text; rounded up. */
export function heldOutTokens(tokens: number, fraction: number): number {
  return Math.ceil(tokens * fraction)
}

export function trainingWindows(tokens: number, context: number): number {
  return Math.max(0, tokens - context)
}

export function validationWindows(tokens: number, context: number): number {
  return Math.max(0, Math.floor((tokens - 1) / context))
}

export interface WindowLayout {
  readonly rows: number
  /** Tokens from the start of one window to that of the next. */
  readonly stride: number
  readonly context: number
  /** How many tokens a window foretells, the last of them the one after it. */
  readonly targetSize: number
}

/** Views on the tokens: nothing is copied. */
export function windowsOf(tokens: Tokens, layout: WindowLayout): TrainingData {
  const { rows, stride, context, targetSize } = layout
  const from = (start: number, width: number): RowSource => ({
    values: tokens.subarray(start, start + (rows - 1) * stride + width),
    stride,
  })
  return { inputs: from(0, context), targets: from(1 + context - targetSize, targetSize) }
}
