/**
 * @file Which columns a network learns from, and how many numbers each becomes. What the client names
 * must fit; of the columns taken by default, those that cannot be learned from are left out.
 */
import { type Column, maxCategories } from '../../contract/datasets.ts'
import type { FeaturesSpec } from '../../contract/spec/spec.ts'
import { quoted } from '../data-error.ts'
import type { ColumnFinder } from './column-finder.ts'
import type { Complaints } from './complaints.ts'
import { rangeComplaint } from './number-range.ts'

export interface Feature {
  readonly column: string
  readonly type: 'numeric' | 'boolean' | 'categorical'
  /** Of a categorical feature; empty for others. */
  readonly categories: readonly string[]
  /** One more number that says whether the cell was missing; only where some are. */
  readonly missingIndicator: boolean
  /** Numbers per row. */
  readonly width: number
}

export interface ResolvedFeatures {
  readonly features: readonly Feature[]
  /** Left out by default, and why. */
  readonly excluded: readonly { readonly column: string; readonly reason: string }[]
}

export function resolveFeatures(
  spec: FeaturesSpec,
  targetColumns: readonly string[],
  finder: ColumnFinder,
  complaints: Complaints,
): ResolvedFeatures {
  const targets = new Set(targetColumns)
  const unwanted = new Set(spec.exclude)
  const before = complaints.items.length
  for (const [i, name] of spec.exclude.entries()) finder.find(name, `/features/exclude/${i}`)
  const resolved = spec.columns
    ? named(spec.columns, unwanted, targets, finder, complaints)
    : byDefault(unwanted, targets, finder, complaints)
  if (resolved.features.length === 0 && complaints.items.length === before) {
    const left = resolved.excluded.map(({ column, reason }) => `${quoted(column)} (${reason})`)
    const why = left.length > 0 ? ` Left out: ${left.slice(0, 5).join(', ')}.` : ''
    const expected = 'Expected a numeric, boolean or categorical column beside the target.'
    complaints.add('/features', 'no_features', `No column is left to learn from.${why} ${expected}`)
  }
  return resolved
}

function named(
  names: readonly string[],
  unwanted: ReadonlySet<string>,
  targets: ReadonlySet<string>,
  finder: ColumnFinder,
  complaints: Complaints,
): ResolvedFeatures {
  const seen = new Set<string>()
  const features = names.flatMap((name, i) => {
    const pointer = `/features/columns/${i}`
    const column = finder.find(name, pointer)
    if (column === undefined) return []
    const wrong = complaintAbout(column, targets, seen)
    seen.add(name)
    if (wrong !== null) complaints.add(pointer, wrong.code, wrong.detail)
    return wrong === null && !unwanted.has(name) ? featureOf(column) : []
  })
  return { features, excluded: [] }
}

function complaintAbout(column: Column, targets: ReadonlySet<string>, seen: ReadonlySet<string>) {
  const name = quoted(column.name)
  if (targets.has(column.name)) {
    const detail = `Column ${name} is the target, so it can be no feature.`
    return { code: 'target_as_feature', detail }
  }
  if (seen.has(column.name)) {
    return { code: 'duplicate_column', detail: `Column ${name} is named twice.` }
  }
  if (column.type === 'text') {
    const detail = `Column ${name} is ${reasonAgainst(column)}, so it can be no feature. Leave it out.`
    return { code: 'text_feature', detail }
  }
  const detail = rangeComplaint(column)
  return detail === null ? null : { code: 'out_of_range', detail }
}

function byDefault(
  unwanted: ReadonlySet<string>,
  targets: ReadonlySet<string>,
  finder: ColumnFinder,
  complaints: Complaints,
): ResolvedFeatures {
  const candidates = finder.columns.filter(({ name }) => !unwanted.has(name) && !targets.has(name))
  for (const column of candidates) {
    const outOfRange = rangeComplaint(column)
    if (outOfRange !== null) complaints.add('/features/exclude', 'out_of_range', outOfRange)
  }
  return {
    features: candidates.flatMap(featureOf),
    excluded: candidates
      .filter(({ type }) => type === 'text')
      .map((column) => ({ column: column.name, reason: reasonAgainst(column) })),
  }
}

function reasonAgainst({ distinct }: Column): string {
  return distinct === 0 ? 'empty' : `text with more than ${maxCategories} values, or long ones`
}

/** Empty for text, which is no feature. */
function featureOf({ name, type, categories, missing }: Column): Feature[] {
  if (type === 'text') return []
  const missingIndicator = missing > 0
  const values = type === 'categorical' ? (categories ?? []) : []
  const width = (type === 'categorical' ? values.length : 1) + (missingIndicator ? 1 : 0)
  return [{ column: name, type, categories: values, missingIndicator, width }]
}
