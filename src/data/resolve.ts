/**
 * @file From a spec and the profile of its dataset to a task in numbers: what goes in, what comes out,
 * how many rows on each side. Cheap and pure, so that the door can refuse with it what a thread
 * would fail on later; both get the same answer.
 */
import type { TableProfile } from '../contract/datasets.ts'
import type { Spec } from '../contract/spec/spec.ts'
import { createColumnFinder } from './resolution/column-finder.ts'
import { type Complaints, createComplaints } from './resolution/complaints.ts'
import { type ResolvedFeatures, resolveFeatures } from './resolution/features.ts'
import { type ResolvedLoss, resolveLoss } from './resolution/loss.ts'
import { type ResolvedTarget, resolveTarget } from './resolution/target.ts'
import { checkValidationDataset } from './resolution/validation-dataset.ts'
import { SpecError } from './spec-error.ts'
import { validationRowsOf } from './split.ts'

export interface TabularTask extends ResolvedTarget, ResolvedFeatures, ResolvedLoss {
  /** Numbers per row, after one-hot. */
  readonly inputs: number
  readonly trainingRows: number
  readonly validationRows: number
  /** Features and targets: the columns to read. */
  readonly columns: ReadonlySet<string>
}

export type TabularSpec = Pick<Spec, 'target' | 'features' | 'loss' | 'training'>

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveTabularTask(
  spec: TabularSpec,
  profile: TableProfile,
  validationProfile: TableProfile | null,
): TabularTask {
  const complaints = createComplaints()
  const finder = createColumnFinder(profile.columns, complaints)
  const target = resolveTarget(spec.target, finder, complaints)
  const features = resolveFeatures(spec.features, targetNames(spec), finder, complaints)
  const rows = countRows(spec, profile, validationProfile, complaints)
  if (target === null) throw new SpecError(complaints.items)

  const loss = resolveLoss(spec.loss, target, complaints)
  const featureNames = features.features.map(({ column }) => column)
  const columns = new Set([...featureNames, ...target.targetColumns])
  if (validationProfile !== null) {
    const pair = { training: profile, validation: validationProfile, used: columns }
    checkValidationDataset(pair, target, complaints)
  }
  if (complaints.items.length > 0) throw new SpecError(complaints.items)

  const inputs = features.features.reduce((sum, { width }) => sum + width, 0)
  return { ...target, ...features, ...loss, ...rows, inputs, columns }
}

/** Also those that are unfit as targets: they are no features either. */
function targetNames({ target }: TabularSpec): readonly string[] {
  return 'columns' in target ? target.columns : [target.column]
}

function countRows(
  { training: { validation } }: TabularSpec,
  { rows }: TableProfile,
  validationProfile: TableProfile | null,
  complaints: Complaints,
) {
  if (validation === undefined) return { trainingRows: rows, validationRows: 0 }
  if ('dataset' in validation) {
    return { trainingRows: rows, validationRows: validationProfile?.rows ?? 0 }
  }
  if (rows < 2) {
    const came = `The dataset has ${rows} row, too few to hold some out`
    const detail = `${came}. Add rows, or leave "validation" out.`
    complaints.add('/training/validation/fraction', 'too_few_rows', detail)
  }
  const validationRows = validationRowsOf(rows, validation.fraction)
  return { trainingRows: rows - validationRows, validationRows }
}
