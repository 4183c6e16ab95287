/**
 * @file A task on a table: which columns are learned from, which are to be learned, what each becomes.
 */
import type { TableProfile } from '../contract/datasets.ts'
import { featuresOf, type Spec } from '../contract/spec/spec.ts'
import { quoted } from './data-error.ts'
import { inputShapeOf } from './input-shape.ts'
import { createColumnFinder } from './resolution/column-finder.ts'
import { type Complaints, createComplaints } from './resolution/complaints.ts'
import { type ResolvedFeatures, resolveFeatures } from './resolution/features.ts'
import { checkImage } from './resolution/image.ts'
import { type ResolvedLoss, resolveLoss } from './resolution/loss.ts'
import { type ResolvedTarget, resolveTarget } from './resolution/target.ts'
import { checkTokens } from './resolution/tokens.ts'
import { checkValidationDataset } from './resolution/validation-dataset.ts'
import { SpecError } from './spec-error.ts'
import { validationRowsOf } from './split.ts'
import type { TaskShape } from './task.ts'

export interface TabularTask extends TaskShape, ResolvedTarget, ResolvedFeatures, ResolvedLoss {
  readonly kind: 'table'
  /** Numbers per row, after one-hot. */
  readonly inputs: number
  /** Features and targets: the columns to read. */
  readonly columns: ReadonlySet<string>
}

export type TableSpec = Pick<Spec, 'target' | 'features' | 'text' | 'loss' | 'model' | 'training'>

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveTable(
  spec: TableSpec,
  profile: TableProfile,
  validationProfile: TableProfile | null,
): TabularTask {
  const complaints = createComplaints()
  const finder = createColumnFinder(profile.columns, complaints)
  complainOfText(spec, complaints)
  const target = spec.target ? resolveTarget(spec.target, finder, complaints) : null
  if (!spec.target) complainOfNoTarget(profile, complaints)
  const asked = featuresOf(spec)
  const features = resolveFeatures(asked, targetNames(spec), finder, complaints)
  checkImage(asked, features.features, complaints)
  const tables = { training: profile, validation: validationProfile }
  checkTokens(spec.model, asked, features.features, tables, complaints)
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
  return {
    kind: 'table',
    ...target,
    ...features,
    ...loss,
    ...rows,
    inputs,
    inputShape: asked.image ? inputShapeOf(asked.image.shape, spec.model) : [inputs],
    outputShapes: [[loss.outputs]],
    columns,
  }
}

function complainOfText({ text }: TableSpec, complaints: Complaints): void {
  if (text === undefined) return
  const detail = 'The dataset is a table; "text" is for datasets of plain text. Leave it out.'
  complaints.add('/text', 'not_text', detail)
}

function complainOfNoTarget({ columns }: TableProfile, complaints: Complaints): void {
  const likely = columns[columns.length - 1].name
  const detail = `The dataset is a table. Say which column is to be learned, such as "target": {"column": ${quoted(likely)}}.`
  complaints.add('/target', 'target_required', detail)
}

/** Also those that are unfit as targets: they are no features either. */
function targetNames({ target }: TableSpec): readonly string[] {
  if (target === undefined) return []
  return 'columns' in target ? target.columns : [target.column]
}

function countRows(
  { training: { validation } }: TableSpec,
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
