/**
 * @file The first rows of a table, for a look at the data. Kept as they were read; given out when the
 * columns and their types are known, so that all rows are of one length and truth values look alike.
 */
import type { Cell, Cells, ColumnType, TableProfile } from '../../contract/datasets.ts'
import { truthOf } from '../words.ts'

const maxRows = 100
/** Of the rows as JSON. */
const maxBytes = 256 * 1024

export interface Preview {
  add(cells: Cells): void
  finish(profile: TableProfile): Cell[][]
}

export function createPreview(): Preview {
  const encoder = new TextEncoder()
  const rows: Cells[] = []
  let bytes = 2 // []
  let full = false

  return {
    add(cells) {
      if (full) return
      bytes += encoder.encode(JSON.stringify(cells)).length + 1
      full = bytes > maxBytes
      if (full) return
      rows.push(cells)
      full = rows.length === maxRows
    },

    finish({ columns }) {
      return rows.map((cells) => columns.map(({ type }, i) => shown(cells[i] ?? null, type)))
    },
  }
}

function shown(cell: Cell, type: ColumnType): Cell {
  return type === 'boolean' && typeof cell === 'string' ? (truthOf(cell)?.value ?? cell) : cell
}
