/**
 * @file What a table holds, learned row by row while it is read. Memory does not grow with the rows:
 * lists of distinct values end at a thousand, and all of them together have a budget.
 */
import type { Cells, TableProfile } from '../../contract/datasets.ts'
import { DataError } from '../data-error.ts'
import { createCategoryBudget } from './category-budget.ts'
import { summaryOf } from './column-summary.ts'
import { addCell, type ColumnTally, createColumnTally } from './column-tally.ts'

/** More warnings than this are not read. */
const maxWarnings = 100

export interface TableProfiler {
  /** Cells by position; columns may have been added since the last row. */
  add(cells: Cells): void
  finish(): TableProfile
}

/** `columns` is read again with each row: it may grow. */
export function createTableProfiler(columns: readonly string[]): TableProfiler {
  const tallies: ColumnTally[] = []
  const budget = createCategoryBudget(tallies)
  let rows = 0

  return {
    add(cells) {
      for (let i = tallies.length; i < columns.length; i++) {
        tallies.push(createColumnTally(columns[i], rows))
      }
      rows += 1
      for (let i = 0; i < tallies.length; i++) {
        const grown = addCell(tallies[i], cells[i] ?? null, rows)
        if (grown > 0) budget.spend(grown)
      }
    },

    finish() {
      if (rows === 0) throw new DataError('The table has no rows.')
      if (columns.length === 0) throw new DataError('The table has no columns.')
      const finished = tallies.map(summaryOf)
      const warnings = finished.flatMap(({ warning }) => warning ?? [])
      const more = warnings.length - maxWarnings
      return {
        kind: 'table',
        rows,
        columns: finished.map(({ column }) => column),
        warnings:
          more > 0 ? [...warnings.slice(0, maxWarnings), `And ${more} more warnings.`] : warnings,
      }
    },
  }
}
