/** @file Columns as tokens: an embedding that comes first needs whole numbers from 0, below its vocabulary. */
import { type Column, maxVocabulary, type TableProfile } from '../../contract/datasets.ts'
import type { ModelSpec } from '../../contract/spec/model.ts'
import type { FeaturesSpec } from '../../contract/spec/spec.ts'
import { quoted } from '../data-error.ts'
import type { Complaints } from './complaints.ts'
import type { Feature } from './features.ts'

const mostComplaints = 5

export interface TokenTables {
  readonly training: TableProfile
  readonly validation: TableProfile | null
}

export function checkTokens(
  model: ModelSpec,
  { scaling }: FeaturesSpec,
  features: readonly Feature[],
  tables: TokenTables,
  complaints: Complaints,
): void {
  const [first] = model.type === 'layers' ? model.layers : []
  if (first?.type !== 'embedding') return
  const numeric = features.find(({ type }) => type === 'numeric')
  if (numeric && scaling !== 'none') {
    const detail = `An embedding reads tokens, which are whole numbers, but numeric columns such as ${quoted(numeric.column)} are scaled (${scaling}). Set "scaling": "none" in the features.`
    complaints.add('/features/scaling', 'scaled_tokens', detail)
  }
  const columns = columnsOf(features, tables)
  const unfit = columns.flatMap((column) => whyNoToken(column) ?? [])
  for (const why of unfit.slice(0, mostComplaints)) {
    const detail = `An embedding reads tokens, whole numbers from 0, but ${why}. Exclude the column, or mend it.`
    complaints.add('/model/layers/0', 'not_tokens', detail)
  }
  checkVocabulary(first.vocabulary, columns, complaints)
}

interface TokenColumn extends Pick<Column, 'type' | 'missing' | 'integer'> {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** As both datasets have them, with what the network sees of each: categories and booleans as 0 and 1. */
function columnsOf(
  features: readonly Feature[],
  { training, validation }: TokenTables,
): TokenColumn[] {
  const names = new Set(features.map(({ column }) => column))
  const of = ({ columns }: TableProfile, where: string) =>
    columns.filter(({ name }) => names.has(name)).map((column) => asSeen(column, where))
  return [...of(training, ''), ...(validation ? of(validation, ' of the validation dataset') : [])]
}

function asSeen({ name, type, missing, integer, min, max }: Column, where: string): TokenColumn {
  const isNumeric = type === 'numeric'
  return {
    name: `column ${quoted(name)}${where}`,
    type,
    missing,
    integer: integer || !isNumeric,
    min: isNumeric ? (min ?? 0) : 0,
    max: isNumeric ? (max ?? 0) : 1,
  }
}

function whyNoToken({ name, type, missing, integer, min }: TokenColumn): string | null {
  if (missing > 0 && type !== 'categorical')
    return `${name} has missing values, which become a mean`
  if (!integer) return `${name} has values that are no whole numbers`
  return min < 0 ? `${name} has values down to ${min}` : null
}

function checkVocabulary(
  vocabulary: number,
  columns: readonly TokenColumn[],
  complaints: Complaints,
): void {
  const [highest] = columns
    .filter((column) => column.max >= vocabulary && whyNoToken(column) === null)
    .toSorted((a, b) => b.max - a.max)
  if (highest === undefined) return
  const needed = highest.max + 1
  const came = `The tokens of ${highest.name} go up to ${highest.max}`
  const detail =
    needed > maxVocabulary
      ? `${came}, but an embedding has at most ${maxVocabulary}. Exclude the column, or number its values anew.`
      : `${came}, so the embedding needs a vocabulary of at least ${needed}, got ${vocabulary}.`
  complaints.add('/model/layers/0/vocabulary', 'vocabulary_too_small', detail)
}
