/**
 * @file What is to be learned: the task, its columns and its classes, from the target of a spec and
 * the types of a dataset.
 */
import { type Column, maxCategories } from '../../contract/datasets.ts'
import type { TargetSpec } from '../../contract/spec/spec.ts'
import { quoted } from '../data-error.ts'
import type { ColumnFinder } from './column-finder.ts'
import type { Complaints } from './complaints.ts'
import { rangeComplaint } from './number-range.ts'

export interface ResolvedTarget {
  readonly task: 'classification' | 'regression'
  readonly targetColumns: readonly string[]
  /** null for regression. */
  readonly classes: readonly string[] | null
}

/** null when the complaints leave nothing to go on with. */
export function resolveTarget(
  target: TargetSpec,
  finder: ColumnFinder,
  complaints: Complaints,
): ResolvedTarget | null {
  if ('columns' in target) return resolveQuantities(target.columns, finder, complaints)
  const pointer = '/target/column'
  const column = finder.find(target.column, pointer)
  if (column === undefined || !checkComplete(column, pointer, complaints)) return null
  const task = target.task ?? (column.type === 'numeric' ? 'regression' : 'classification')
  if (task === 'classification') return resolveClasses(column, pointer, complaints)
  if (!checkQuantity(column, pointer, complaints)) return null
  return { task, targetColumns: [column.name], classes: null }
}

function resolveQuantities(
  names: readonly string[],
  finder: ColumnFinder,
  complaints: Complaints,
): ResolvedTarget | null {
  const seen = new Set<string>()
  const good = names.filter((name, i) => {
    const pointer = `/target/columns/${i}`
    if (seen.has(name)) {
      complaints.add(pointer, 'duplicate_column', `Column ${quoted(name)} is named twice.`)
      return false
    }
    seen.add(name)
    const column = finder.find(name, pointer)
    if (column === undefined || !checkComplete(column, pointer, complaints)) return false
    return checkQuantity(column, pointer, complaints)
  })
  if (good.length < names.length) return null
  return { task: 'regression', targetColumns: good, classes: null }
}

function resolveClasses(
  { name, categories }: Column,
  pointer: string,
  complaints: Complaints,
): ResolvedTarget | null {
  if (categories === null) {
    const came = `Column ${quoted(name)} has too many or too long values to be classes`
    const detail = `${came}; at most ${maxCategories} are allowed. For quantities, set "task" to "regression".`
    complaints.add(pointer, 'too_many_classes', detail)
    return null
  }
  if (categories.length < 2) {
    const came = `Column ${quoted(name)} has the value ${categories.map(quoted).join('')} in every row`
    complaints.add(pointer, 'one_class', `${came}. Expected at least two classes.`)
    return null
  }
  return { task: 'classification', targetColumns: [name], classes: categories }
}

function checkComplete(column: Column, pointer: string, complaints: Complaints): boolean {
  const { name, missing, first_missing_row: row } = column
  if (missing === 0) return true
  const where = missing === 1 ? `row ${row}` : `${missing} rows, first in row ${row}`
  const detail = `Column ${quoted(name)} has no value in ${where}. Remove such rows, or fill them in.`
  complaints.add(pointer, 'target_missing', detail)
  return false
}

function checkQuantity(column: Column, pointer: string, complaints: Complaints): boolean {
  const { name, type } = column
  if (type !== 'numeric') {
    const came = `Column ${quoted(name)} is ${type}, but regression needs a numeric target`
    const detail = `${came}. For classes, name it in "target.column" and set "task" to "classification".`
    complaints.add(pointer, 'target_not_numeric', detail)
    return false
  }
  const outOfRange = rangeComplaint(column)
  if (outOfRange !== null) complaints.add(pointer, 'out_of_range', outOfRange)
  return outOfRange === null
}
