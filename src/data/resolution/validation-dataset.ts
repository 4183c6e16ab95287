/**
 * @file Whether a validation dataset can be read as the training dataset is: the columns in use must
 * be there, with the same types, and its classes must be known. Other columns do not matter.
 */
import type { Column, TableProfile } from '../../contract/datasets.ts'
import { quoted } from '../data-error.ts'
import type { Complaints } from './complaints.ts'
import { rangeComplaint } from './number-range.ts'
import type { ResolvedTarget } from './target.ts'

const pointer = '/training/validation/dataset'

export interface DatasetPair {
  readonly training: TableProfile
  readonly validation: TableProfile
  /** The columns in use. */
  readonly used: ReadonlySet<string>
}

export function checkValidationDataset(
  { training, validation, used }: DatasetPair,
  { targetColumns, classes }: ResolvedTarget,
  complaints: Complaints,
): void {
  const byName = new Map(validation.columns.map((column) => [column.name, column]))
  for (const expected of training.columns) {
    if (!used.has(expected.name)) continue
    const column = byName.get(expected.name)
    const detail =
      differenceOf(expected, column) ??
      (targetColumns.includes(expected.name) ? unfitTarget(column, classes) : null)
    if (detail !== null) complaints.add(pointer, 'validation_mismatch', detail)
  }
}

function differenceOf(expected: Column, column: Column | undefined): string | null {
  const name = quoted(expected.name)
  if (column === undefined) {
    return `The validation dataset has no column ${name}. Use one with the columns of the training dataset.`
  }
  if (column.type !== expected.type) {
    return `Column ${name} is ${column.type} in the validation dataset, but ${expected.type} in the training dataset. Both must be of one type.`
  }
  return rangeComplaint(column)
}

function unfitTarget(column: Column | undefined, classes: readonly string[] | null): string | null {
  if (column === undefined) return null
  const name = quoted(column.name)
  if (column.missing > 0) {
    return `Column ${name} has no value in ${column.missing} rows of the validation dataset, first in row ${column.first_missing_row}. Remove such rows, or fill them in.`
  }
  if (classes === null) return null
  const known = new Set(classes)
  const unknown = column.categories?.filter((category) => !known.has(category))
  if (unknown?.length === 0) return null
  const some = unknown?.slice(0, 3).map(quoted).join(', ') ?? 'too many to list'
  return `Column ${name} of the validation dataset has classes that the training dataset does not have: ${some}. Remove such rows.`
}
