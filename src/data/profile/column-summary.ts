/**
 * @file What a column is, by its tally.
 *
 * - numeric: all present values are numbers. Infinity and 1e999 make the file unusable, rather than
 *   the column text.
 * - boolean: all are true or false, or all are yes or no, in any case.
 * - categorical: anything else, with few distinct values; numbers in the form that JavaScript prints.
 * - text: anything else. A column without any value is text too: there is nothing to learn from it.
 */
import { type Column, type ColumnType, maxCategories } from '../../contract/datasets.ts'
import { DataError, quoted } from '../data-error.ts'
import { type Categories, merged, sortedBySize, sortedByText } from './categories.ts'
import type { ColumnTally } from './column-tally.ts'
import { standardDeviationOf } from './numeric-summary.ts'

/** Throws DataError for a column of numbers that are not all finite. */
export function summaryOf(tally: ColumnTally): { column: Column; warning: string | null } {
  const type = typeOf(tally)
  const list = categoriesOf(tally, type)
  const numbers = type === 'numeric' ? tally.summary : null
  const column: Column = {
    name: tally.name,
    type,
    missing: tally.missing,
    first_missing_row: tally.firstMissingRow || null,
    distinct: list?.categories.length ?? null,
    categories: list?.categories ?? null,
    category_counts: list?.counts ?? null,
    min: numbers?.min ?? null,
    max: numbers?.max ?? null,
    mean: numbers && finiteOrNull(numbers.mean),
    standard_deviation: numbers && finiteOrNull(standardDeviationOf(numbers)),
    integer: numbers?.integer ?? false,
  }
  return { column, warning: warningOf(tally, type) }
}

function typeOf(tally: ColumnTally): ColumnType {
  const { summary, numbers, texts, textCount, vocabularies } = tally
  if (textCount === 0) return summary.count > 0 ? 'numeric' : 'text'
  if (texts.counts === null) return 'text'
  if (!tally.holdsOtherText) {
    if (tally.firstInfiniteRow > 0 && vocabularies.size === 0) throw notFinite(tally)
    const onlyTruths = tally.firstInfiniteRow === 0 && summary.count === 0
    if (onlyTruths && vocabularies.size === 1) return 'boolean'
  }
  if (numbers.counts === null) return 'text'
  return merged(texts.counts, numbers.counts).size <= maxCategories ? 'categorical' : 'text'
}

function notFinite({ name, firstInfiniteRow: row }: ColumnTally): DataError {
  const came = 'expected a finite number, got one that is infinite or beyond 1.8e308'
  return new DataError(`${came}. Leave the cell empty if the value is unknown.`, {
    row,
    column: name,
  })
}

function categoriesOf({ numbers, texts }: ColumnTally, type: ColumnType): Categories | null {
  if (type === 'numeric') return numbers.counts && sortedBySize(numbers.counts)
  if (texts.counts === null || numbers.counts === null) return null
  if (type === 'boolean') return sortedByText(inLowerCase(texts.counts))
  const all = merged(texts.counts, numbers.counts)
  return all.size <= maxCategories ? sortedByText(all) : null
}

function inLowerCase(counts: ReadonlyMap<string, number>): Map<string, number> {
  const words = new Map<string, number>()
  for (const [text, count] of counts) {
    const word = text.trim().toLowerCase()
    words.set(word, (words.get(word) ?? 0) + count)
  }
  return words
}

function warningOf(tally: ColumnTally, type: ColumnType): string | null {
  const numbers = tally.summary.count
  const present = numbers + tally.textCount
  const where = `Column ${quoted(tally.name)}`
  if (present === 0) return `${where} is empty: it can be no feature.`
  if (numbers === 0 || tally.textCount === 0) return null
  const first = `row ${tally.firstTextRow} has ${tally.firstText}`
  const share = `${percent(numbers, present)} of its values are numbers`
  return `${where}: ${first}, but ${share}. It was read as ${type}.`
}

/** Neither 0 nor 100: there are some of both. */
function percent(part: number, whole: number): string {
  const rounded = Math.round((part / whole) * 1000) / 10
  return `${Math.min(99.9, Math.max(0.1, rounded))} %`
}

/** The square of a number near 1.8e308 is none. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
