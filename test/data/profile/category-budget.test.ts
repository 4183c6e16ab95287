import { expect, test } from 'vitest'

import {
  createCategoryBudget,
  maxCategoryCharacters,
} from '../../../src/data/profile/category-budget.ts'
import { summaryOf } from '../../../src/data/profile/column-summary.ts'
import { addCell, createColumnTally } from '../../../src/data/profile/column-tally.ts'
import { createTableProfiler } from '../../../src/data/profile/table-profiler.ts'

test('the costliest list is given up first, and only when the budget is spent', () => {
  const forgotten: string[] = []
  const holder = (name: string, cost: number) => ({
    cost,
    forget() {
      forgotten.push(name)
      this.cost = 0
    },
  })
  const holders = [holder('small', 10), holder('large', maxCategoryCharacters - 20)]
  const budget = createCategoryBudget(holders)

  budget.spend(maxCategoryCharacters - 10)
  budget.spend(10)
  expect(forgotten).toEqual([])

  budget.spend(1)
  expect(forgotten).toEqual(['large'])
})

test('a column of numbers that gave its list up still refuses an infinite one', () => {
  const tally = createColumnTally('x', 0)
  addCell(tally, 1, 1)
  tally.forget()
  addCell(tally, 'Infinity', 2)

  expect(() => summaryOf(tally)).toThrow('Row 2, column "x": expected a finite number')
})

test('ten thousand columns of measurements keep a profile small, and the classes in it', () => {
  const columns = [...Array.from({ length: 10_000 }, (_, i) => `x${i}`), 'label']
  const profiler = createTableProfiler(columns)
  for (let row = 0; row < 60; row++) {
    const cells = columns.map((_, i) => i + row / 64)
    profiler.add(cells.with(10_000, row % 3))
  }

  const profile = profiler.finish()
  expect(profile.columns[10_000].categories).toEqual(['0', '1', '2'])
  const listed = profile.columns.reduce((sum, { categories }) => sum + (categories?.length ?? 0), 0)
  expect(listed).toBeLessThan(maxCategoryCharacters / 16)
  expect(profile.columns.some(({ categories }) => categories === null)).toBe(true)
  expect(profile.columns.every(({ type }) => type === 'numeric')).toBe(true)
})
