/** @file All references, in the order of the table. */
import { article } from './article.ts'
import { majority } from './majority.ts'
import { mnist } from './mnist.ts'
import { names } from './names.ts'
import { nanoGpt } from './nano-gpt.ts'
import type { Reference } from './reference.ts'
import { tabular } from './tabular.ts'
import { xor } from './xor.ts'

export const references: readonly Reference[] = [
  ...xor,
  article,
  ...tabular,
  majority,
  names,
  ...nanoGpt,
  ...mnist,
]
