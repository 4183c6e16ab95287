/**
 * @file One column, cell by cell: what its type is, and what its values are.
 *
 * - numeric: all present values are numbers. Infinity and 1e999 make the file unusable, rather than
 *   the column text.
 * - boolean: all are true or false, or all are yes or no, in any case.
 * - categorical: anything else, with few distinct values; numbers in the form that JavaScript prints.
 * - text: anything else. A column without any value is text too: there is nothing to learn from it.
 */
import { type Cell, type Column, type ColumnType, maxCategories } from '../../contract/datasets.ts'
import { DataError, quoted } from '../data-error.ts'
import { isInfinite, type Truth, truthOf } from '../words.ts'
import { type Categories, merged, sortedBySize, sortedByText } from './categories.ts'
import type { CategoryHolder } from './category-budget.ts'
import { createCounter } from './counter.ts'
import { addTo, emptySummary, standardDeviationOf } from './numeric-summary.ts'

/** A longer text is prose, not a category. */
const maxCategoryLength = 256

/** What a category costs beside its text: its count, quotes and commas. */
const categoryOverhead = 8

export interface ColumnProfiler extends CategoryHolder {
  /** `row` counts from 1. Returns by how much the cost of the list has grown. */
  add(cell: Cell, row: number): number
  finish(): { column: Column; warning: string | null }
}

/** `missing`: rows that came before the column did. */
export function createColumnProfiler(name: string, missing: number): ColumnProfiler {
  const numbers = createCounter<number>()
  const texts = createCounter<string>()
  const summary = emptySummary()
  const vocabularies = new Set<Truth['vocabulary']>()
  const first = { missing: missing > 0 ? 1 : 0, text: 0, infinite: 0 } // rows; 0: none yet
  let firstText = ''
  let textCount = 0
  let holdsOtherText = false
  let cost = 0

  function addNumber(value: number): number {
    addTo(summary, value)
    return numbers.add(value) ? grow(categoryOverhead) : 0
  }

  function addText(text: string, row: number): number {
    textCount += 1
    if (textCount === 1) {
      first.text = row
      firstText = quoted(text)
    }
    if (text.length > maxCategoryLength) forget()
    if (!texts.add(text)) return 0
    const truth = truthOf(text)
    if (truth) vocabularies.add(truth.vocabulary)
    else if (isInfinite(text)) first.infinite ||= row
    else holdsOtherText = true
    return grow(text.length)
  }

  /** Nothing is listed, and so nothing spent, where the last value was one too many. */
  function grow(characters: number): number {
    const listed = texts.counts !== null && numbers.counts !== null
    cost = listed ? cost + characters + categoryOverhead : 0
    return listed ? characters + categoryOverhead : 0
  }

  function forget(): void {
    numbers.forget()
    // Numbers alone leave this empty, and then a text may still come that makes the column text.
    if (textCount > 0) texts.forget()
    cost = 0
  }

  function typeOf(): ColumnType {
    if (textCount === 0) return summary.count > 0 ? 'numeric' : 'text'
    if (texts.counts === null) return 'text'
    if (first.infinite > 0 && vocabularies.size === 0 && !holdsOtherText) {
      const came = 'expected a finite number, got one that is infinite or beyond 1.8e308'
      throw new DataError(`${came}. Leave the cell empty if the value is unknown.`, {
        row: first.infinite,
        column: name,
      })
    }
    const onlyTruths = first.infinite === 0 && !holdsOtherText && summary.count === 0
    if (onlyTruths && vocabularies.size === 1) return 'boolean'
    if (numbers.counts === null) return 'text'
    return merged(texts.counts, numbers.counts).size <= maxCategories ? 'categorical' : 'text'
  }

  function categoriesOf(type: ColumnType): Categories | null {
    if (type === 'numeric') return numbers.counts && sortedBySize(numbers.counts)
    if (texts.counts === null || numbers.counts === null) return null
    if (type === 'boolean') return sortedByText(inLowerCase(texts.counts))
    const all = merged(texts.counts, numbers.counts)
    return all.size <= maxCategories ? sortedByText(all) : null
  }

  function warningOf(type: ColumnType): string | null {
    const present = summary.count + textCount
    const where = `Column ${quoted(name)}`
    if (present === 0) return `${where} is empty: it can be no feature.`
    if (summary.count === 0 || textCount === 0) return null
    const share = `${percent(summary.count, present)} of its values are numbers`
    return `${where}: row ${first.text} has ${firstText}, but ${share}. It was read as ${type}.`
  }

  return {
    get cost() {
      return cost
    },

    add(cell, row) {
      if (typeof cell === 'number') return addNumber(cell)
      if (cell !== null) return addText(String(cell), row)
      missing += 1
      first.missing ||= row
      return 0
    },

    forget,

    finish() {
      const type = typeOf()
      const list = categoriesOf(type)
      const numeric = type === 'numeric'
      const column: Column = {
        name,
        type,
        missing,
        first_missing_row: first.missing || null,
        distinct: list?.categories.length ?? null,
        categories: list?.categories ?? null,
        category_counts: list?.counts ?? null,
        min: numeric ? summary.min : null,
        max: numeric ? summary.max : null,
        mean: numeric ? finiteOrNull(summary.mean) : null,
        standard_deviation: numeric ? finiteOrNull(standardDeviationOf(summary)) : null,
        integer: numeric && summary.integer,
      }
      return { column, warning: warningOf(type) }
    },
  }
}

function inLowerCase(counts: ReadonlyMap<string, number>): Map<string, number> {
  const words = new Map<string, number>()
  for (const [text, count] of counts) {
    const word = text.trim().toLowerCase()
    words.set(word, (words.get(word) ?? 0) + count)
  }
  return words
}

/** The square of a number near 1.8e308 is none. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function percent(part: number, whole: number): string {
  const rounded = Math.round((part / whole) * 1000) / 10
  return `${Math.min(99.9, Math.max(0.1, rounded))} %`
}
