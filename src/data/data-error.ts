/**
 * @file A file or a row that cannot be used, and where. Its message is meant for the person who sent
 * the data: it names the row and the column, says what was expected and what came.
 */
export interface DataPlace {
  /** Counted from 1; the header of a CSV is not a row. */
  readonly row?: number
  readonly column?: string
  readonly isInHeader?: boolean
}

export class DataError extends Error {
  readonly row: number | undefined
  readonly column: string | undefined

  constructor(message: string, place: DataPlace = {}) {
    const { row, column } = place
    super(capitalized(`${placeOf(place)}${message}`))
    this.name = 'DataError'
    this.row = row
    this.column = column
  }
}

function placeOf({ row, column, isInHeader }: DataPlace): string {
  const parts = [
    isInHeader ? 'the header' : [],
    row === undefined ? [] : `row ${row}`,
    column === undefined ? [] : `column ${quoted(column)}`,
  ].flat()
  return parts.length === 0 ? '' : `${parts.join(', ')}: `
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

/** A value as messages show it: short, on one line, and fit to be stored as text. */
export function quoted(value: string | number | boolean | null | readonly number[]): string {
  if (typeof value === 'object' && value !== null) return `a list of ${value.length} numbers`
  if (typeof value !== 'string') return String(value)
  // A pair cut in half does no harm: JSON writes the half as an escape.
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
}
