/**
 * @file What is remembered of a column while its cells go by: counts and firsts, not the cells. What
 * it makes of the column is for column-summary.ts to say.
 */
import type { Cell } from '../../contract/datasets.ts'
import { quoted } from '../data-error.ts'
import { isInfinite, type Truth, truthOf } from '../words.ts'
import type { CategoryHolder } from './category-budget.ts'
import { type Counter, createCounter } from './counter.ts'
import { addTo, emptySummary, type NumericSummary } from './numeric-summary.ts'

/** A longer text is prose, not a category. */
const maxCategoryLength = 256

/** What a category costs beside its text: its count, quotes and commas. */
const categoryOverhead = 8

/** Rows count from 1; 0 stands for none yet. */
export interface ColumnTally extends CategoryHolder {
  readonly name: string
  missing: number
  firstMissingRow: number
  readonly numbers: Counter<number>
  readonly summary: NumericSummary
  readonly texts: Counter<string>
  textCount: number
  firstTextRow: number
  /** As messages show it. */
  firstText: string
  /** Of the texts that are listed: which truth values, infinities and others are among them. */
  readonly vocabularies: Set<Truth['vocabulary']>
  firstInfiniteRow: number
  holdsOtherText: boolean
  cost: number
}

/** `missing`: rows that came before the column did. */
export function createColumnTally(name: string, missing: number): ColumnTally {
  return {
    name,
    missing,
    firstMissingRow: missing > 0 ? 1 : 0,
    numbers: createCounter(),
    summary: emptySummary(),
    texts: createCounter(),
    textCount: 0,
    firstTextRow: 0,
    firstText: '',
    vocabularies: new Set(),
    firstInfiniteRow: 0,
    holdsOtherText: false,
    cost: 0,

    forget() {
      this.numbers.forget()
      // Numbers alone leave this empty, and then a text may still come that makes the column text.
      if (this.textCount > 0) this.texts.forget()
      this.cost = 0
    },
  }
}

/** Returns by how much the cost of the listed values has grown. */
export function addCell(tally: ColumnTally, cell: Cell, row: number): number {
  if (typeof cell === 'number') {
    addTo(tally.summary, cell)
    return tally.numbers.add(cell) ? grow(tally, categoryOverhead) : 0
  }
  if (cell !== null) return addText(tally, String(cell), row)
  tally.missing += 1
  tally.firstMissingRow ||= row
  return 0
}

function addText(tally: ColumnTally, text: string, row: number): number {
  tally.textCount += 1
  if (tally.textCount === 1) {
    tally.firstTextRow = row
    tally.firstText = quoted(text)
  }
  if (text.length > maxCategoryLength) tally.forget()
  if (!tally.texts.add(text)) return 0
  const truth = truthOf(text)
  if (truth) tally.vocabularies.add(truth.vocabulary)
  else if (isInfinite(text)) tally.firstInfiniteRow ||= row
  else tally.holdsOtherText = true
  return grow(tally, text.length)
}

/** Nothing is listed, and so nothing spent, where the last value was one too many. */
function grow(tally: ColumnTally, characters: number): number {
  const listed = tally.texts.counts !== null && tally.numbers.counts !== null
  const grown = listed ? characters + categoryOverhead : 0
  tally.cost = listed ? tally.cost + grown : 0
  return grown
}
