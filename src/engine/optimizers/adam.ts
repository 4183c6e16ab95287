/**
 * @file Adam: each parameter's step is scaled by the size of its own gradients. Weight decay, if any, is
 * part of the gradient; for the kind that is not, see AdamW.
 *
 * Reference: https://arxiv.org/abs/1412.6980
 */
import { type AdamOptions, adamFamily } from './adam-family.ts'
import type { Optimizer } from './optimizer.ts'

export function adam({ weightDecay = 0, ...options }: AdamOptions = {}): Optimizer {
  return adamFamily('adam', { ...options, weightDecay })
}
