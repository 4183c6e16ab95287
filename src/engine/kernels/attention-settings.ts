/** @file What attention is told once, when it is bound: sizes, and who may look at whom. */
import type { FloatArray } from '../memory/float-array.ts'

export interface AttentionSettings {
  readonly T: number
  readonly H: number
  /** Channels of a head. */
  readonly D: number
  /** True where a token sees itself and those before it. */
  readonly isCausal: boolean
  /** Keys that nobody looks at: those where the token is `token`. */
  readonly padding: { readonly tokens: FloatArray; readonly token: number } | null // (B, T)
  /** Which of the looks are lost in training. */
  readonly dropout: AttentionDropout | null
}

export interface AttentionDropout {
  /** In [0, 1). */
  readonly rate: number
  readonly seedLow: number
  readonly seedHigh: number
  readonly stream: number
}

/**
 * Queries that are taken at a time: gradients of keys and values are sums over such blocks, from the
 * last to the first, so it is part of the bits.
 */
export const queryBlock = 64

/** Pairs of a sample and a head that are computed at the same time, at most, each on its own scores. */
const maxSlots = 16

export function attentionSlots(B: number, H: number): number {
  return Math.min(B * H, maxSlots)
}

/** Scores of one block of queries, for each slot: (slots, queryBlock, T). */
export function scoresLength(B: number, { H, T }: Pick<AttentionSettings, 'H' | 'T'>): number {
  return attentionSlots(B, H) * Math.min(queryBlock, T) * T
}
