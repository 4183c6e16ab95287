/** @file Specs for the tests of this folder: the smallest, and what differs from it. */

import type { z } from 'zod'
import { newId } from '../../../src/contract/ids.ts'
import { Spec } from '../../../src/contract/spec/spec.ts'

type SpecInput = z.input<typeof Spec>
export type ModelInput = SpecInput['model']

/** Four rows of two numbers and a class: a spec for XOR, with whatever is said otherwise. */
export function aSpec(differences: Partial<SpecInput> = {}): Spec {
  return Spec.parse({
    version: 1,
    dataset: newId('dataset'),
    target: { column: 'y', task: 'classification' },
    model: { type: 'mlp', hidden: [4], activation: 'sigmoid' },
    ...differences,
  })
}

/** A spec for a text: windows of two characters and a gpt, unless said otherwise. */
export function aTextSpec(differences: Partial<SpecInput> = {}): Spec {
  const model = { type: 'gpt', layers: 1, heads: 1, channels: 4 } as const
  return aSpec({ target: undefined, text: { context: 2 }, model, ...differences })
}

/** A perceptron on the tokens of a window, which foretells the one after it. */
export function aWindowReader(vocabulary: number, hidden: number): ModelInput {
  return {
    type: 'layers',
    layers: [
      { type: 'embedding', vocabulary, channels: 4 },
      { type: 'flatten' },
      { type: 'dense', units: hidden },
      { type: 'tanh' },
      { type: 'dense', units: vocabulary },
    ],
  }
}
