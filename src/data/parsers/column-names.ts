/** @file The names of a table's columns: each may be any text, but there must be one, and only once. */
import { isStorableText } from '../../contract/common.ts'
import { DataError, quoted } from '../data-error.ts'

/** As in a spec, which must be able to name every column. */
const maxNameCharacters = 1000

export interface ColumnNames {
  /** Grows while rows bring new columns. */
  readonly names: string[]
  indexOf(name: string): number | undefined
  /** Returns the new column's index. */
  add(name: string): number
}

export function createColumnNames(
  maxColumns: number,
  rowNow: () => number | undefined,
): ColumnNames {
  const names: string[] = []
  const indexes = new Map<string, number>()

  function complaintAbout(name: string): string | null {
    const nth = `column ${names.length + 1}`
    if (names.length === maxColumns) return `expected at most ${maxColumns} columns, got more.`
    if (name === '') return `${nth} has no name. Give every column one.`
    if (name.length > maxNameCharacters) {
      return `${nth} has a name of ${name.length} characters, ${quoted(name)}; at most ${maxNameCharacters} are allowed.`
    }
    if (!isStorableText(name)) {
      return `the name ${quoted(name)} of ${nth} holds NUL or half a surrogate pair. Write it as plain text.`
    }
    const first = indexes.get(name)
    if (first === undefined) return null
    return `columns ${first + 1} and ${names.length + 1} are both named ${quoted(name)}. Give every column a name of its own.`
  }

  return {
    names,
    indexOf: (name) => indexes.get(name),

    add(name) {
      const complaint = complaintAbout(name)
      if (complaint !== null) throw new DataError(complaint, { row: rowNow() })
      indexes.set(name, names.length)
      return names.push(name) - 1
    },
  }
}
