/**
 * @file AdamW: Adam, with weight decay kept out of the moments. Decays by 0.01 unless told otherwise.
 *
 * Reference: https://arxiv.org/abs/1711.05101
 */
import { type AdamOptions, adamFamily } from './adam-family.ts'
import type { Optimizer } from './optimizer.ts'

export function adamw({ weightDecay = 0.01, ...options }: AdamOptions = {}): Optimizer {
  return adamFamily('adamw', { ...options, weightDecay })
}
