/** @file What the module exports for sequences; a part of wasm-exports.ts. */
import type { Unary } from './wasm-exports.ts'

export interface SequenceExports {
  add: Unary
  addRow(y: number, x: number, p: number, rows: number, width: number): void
  embeddingForward(y: number, tokens: number, weight: number, N: number, C: number): void
  embeddingBackward(
    dweight: number,
    dy: number,
    tokens: number,
    N: number,
    columns: number,
    width: number,
  ): void

  /** A mean or bias of 0 is none. */
  normForward(
    y: number,
    mean: number,
    rstd: number,
    x: number,
    weight: number,
    bias: number,
    epsilon: number,
    N: number,
    C: number,
  ): void
  normBackwardInput(
    dx: number,
    dy: number,
    mean: number,
    rstd: number,
    x: number,
    weight: number,
    N: number,
    C: number,
  ): void
  normBackwardParameters(
    dweight: number,
    dbias: number,
    dy: number,
    mean: number,
    rstd: number,
    x: number,
    N: number,
    columns: number,
    width: number,
  ): void

  turnHeads(
    x: number,
    cosines: number,
    sines: number,
    direction: number,
    firstRow: number,
    N: number,
    T: number,
    H: number,
    D: number,
  ): void

  attentionLooks: Looks
  attentionLooksAgain: Looks
  attentionSlopes(
    ds: number,
    p: number,
    dy: number,
    y: number,
    rows: number,
    keys: number,
    first: number,
    isCausal: boolean,
    scale: number,
    D: number,
    width: number,
  ): void
  attentionDropout(
    x: number,
    rows: number,
    keys: number,
    firstBlock: number,
    rowBlocks: number,
    threshold: number,
    scale: number,
    seedLow: number,
    seedHigh: number,
    stream: number,
    step: number,
  ): void
}

/** Tokens of 0 are none. */
type Looks = (
  p: number,
  stats: number,
  rows: number,
  keys: number,
  first: number,
  isCausal: boolean,
  scale: number,
  tokens: number,
  token: number,
) => void
