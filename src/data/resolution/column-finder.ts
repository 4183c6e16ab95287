/** @file Columns by name, and a complaint with a suggestion for a name that there is not. */
import type { Column } from '../../contract/datasets.ts'
import { nearestName } from '../../contract/nearest-name.ts'
import { quoted } from '../data-error.ts'
import type { Complaints } from './complaints.ts'

export interface ColumnFinder {
  readonly columns: readonly Column[]
  /** undefined after a complaint at `pointer`. */
  find(name: string, pointer: string): Column | undefined
}

/** Searching ten thousand names for a likely one takes a while; a client needs only a few hints. */
const maxSuggestions = 20

export function createColumnFinder(
  columns: readonly Column[],
  complaints: Complaints,
): ColumnFinder {
  const byName = new Map(columns.map((column) => [column.name, column]))
  return {
    columns,
    find(name, pointer) {
      const column = byName.get(name)
      if (column === undefined) {
        const hint = complaints.items.length < maxSuggestions ? suggestion(name, byName) : ''
        const detail = `There is no column ${quoted(name)} in the dataset.${hint}`
        complaints.add(pointer, 'column_not_found', detail)
      }
      return column
    },
  }
}

function suggestion(name: string, byName: ReadonlyMap<string, Column>): string {
  const nearest = nearestName(name, byName.keys())
  if (nearest !== null) return ` Did you mean ${quoted(nearest)}?`
  const some = [...byName.keys()].slice(0, 10).map(quoted).join(', ')
  return byName.size > 10 ? ` Some that there are: ${some}.` : ` Its columns are ${some}.`
}
