/** @file Specs for the tests of this folder: the smallest, and what differs from it. */

import type { z } from 'zod'
import { newId } from '../../../src/contract/ids.ts'
import { Spec } from '../../../src/contract/spec/spec.ts'

type SpecInput = z.input<typeof Spec>

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

/** A spec for a text: windows of two characters, unless said otherwise. */
export function aTextSpec(differences: Partial<SpecInput> = {}): Spec {
  return aSpec({ target: undefined, text: { context: 2 }, ...differences })
}
