import { expect, test } from 'vitest'

import { article } from '../../../bench/references/article.ts'
import { isWithin } from '../../../bench/references/reference.ts'
import { kernelTables } from '../kernel-tables.ts'

test.each(kernelTables)(
  '$name kernels have the loss curve of PyTorch over 10,000 steps',
  (table) => {
    const errors = article.measure({ backend: table.backend, dataFolder: '' })

    for (const [i, { name, bar }] of article.figures.entries()) {
      expect(isWithin(errors[i], bar), `${name}: ${errors[i]}`).toBe(true)
    }
  },
)
