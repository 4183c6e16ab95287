/** @file Specs with their defaults filled in, as they are stored. */
import { Spec } from '../../../src/contract/spec/spec.ts'

type Parts = Partial<
  Record<'target' | 'features' | 'text' | 'loss' | 'model' | 'training', unknown>
>

export function specOf(parts: Parts): Spec {
  return Spec.parse({
    version: 1,
    dataset: `ds_${'0'.repeat(32)}`,
    target: { column: 'y' },
    model: { type: 'mlp' },
    ...parts,
  })
}
