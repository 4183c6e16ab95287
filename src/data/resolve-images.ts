/** @file A task on images: to tell their labels from their pixels. */
import type { ImageProfile, ImageShape } from '../contract/datasets.ts'
import type { LossName, Spec } from '../contract/spec/spec.ts'
import { inputShapeOf } from './input-shape.ts'
import { type Complaints, createComplaints } from './resolution/complaints.ts'
import { SpecError } from './spec-error.ts'
import { validationRowsOf } from './split.ts'
import type { TaskShape } from './task.ts'

export interface ImageTask extends TaskShape {
  readonly kind: 'images'
  readonly task: 'classification'
  /** Of an image; a network may see it as one row. */
  readonly shape: ImageShape
  /** The labels, in the order of the network's outputs. */
  readonly classes: readonly string[]
  /** Some images are held out, so both parts are copied together; else they are read in place. */
  readonly isSplit: boolean
}

export type ImageSpec = Pick<Spec, 'target' | 'features' | 'text' | 'loss' | 'model' | 'training'>

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveImages(
  spec: ImageSpec,
  profile: ImageProfile,
  validationProfile: ImageProfile | null,
): ImageTask {
  const complaints = createComplaints()
  complainOfOtherKinds(spec, complaints)
  const { rows, shape, classes } = profile
  if (classes.length < 2) {
    const detail = `All images have the label ${classes.join()}. Expected at least two labels.`
    complaints.add('/dataset', 'one_class', detail)
  }
  const lossName = lossOf(spec, classes, complaints)
  if (validationProfile) checkValidation(profile, validationProfile, complaints)
  const counts = countRows(spec, rows, validationProfile, complaints)
  if (complaints.items.length > 0) throw new SpecError(complaints.items)
  const outputs = lossName === 'binary_cross_entropy' ? 1 : classes.length
  return {
    kind: 'images',
    task: 'classification',
    shape,
    classes,
    inputShape: inputShapeOf(shape, spec.model),
    outputs,
    outputShapes: [[outputs]],
    lossName,
    ...counts,
  }
}

function complainOfOtherKinds(spec: ImageSpec, complaints: Complaints): void {
  for (const name of ['target', 'features'] as const) {
    if (spec[name] === undefined) continue
    const detail = `The dataset is images: their labels are the target, and there are no columns. Leave "${name}" out.`
    complaints.add(`/${name}`, 'no_columns', detail)
  }
  if (spec.text === undefined) return
  const detail = 'The dataset is images; "text" is for datasets of plain text. Leave it out.'
  complaints.add('/text', 'not_text', detail)
}

function lossOf({ loss }: ImageSpec, classes: readonly string[], complaints: Complaints): LossName {
  const fitting = classes.length === 2 ? 'binary_cross_entropy' : 'categorical_cross_entropy'
  const fits = loss === undefined || loss === fitting || loss === 'categorical_cross_entropy'
  if (fits) return loss ?? fitting
  const detail = `${loss} is not for ${classes.length} classes. Set the loss to ${fitting}, or leave it out.`
  complaints.add('/loss', 'loss_mismatch', detail)
  return fitting
}

function checkValidation(
  { shape, classes }: ImageProfile,
  validation: ImageProfile,
  complaints: Complaints,
): void {
  const complain = (detail: string) =>
    complaints.add('/training/validation/dataset', 'validation_mismatch', detail)
  if (shape.join() !== validation.shape.join()) {
    const [expected, given] = [shape, validation.shape].map((sizes) => sizes.join(' × '))
    complain(`The validation images are ${given}, but the training images are ${expected}.`)
  }
  const unknown = validation.classes.filter((label) => !classes.includes(label))
  if (unknown.length === 0) return
  const some = unknown.slice(0, 3).join(', ')
  complain(`The validation images have labels that the training images do not have: ${some}.`)
}

function countRows(
  { training: { validation } }: ImageSpec,
  rows: number,
  validationProfile: ImageProfile | null,
  complaints: Complaints,
) {
  if (validation === undefined) return { trainingRows: rows, validationRows: 0, isSplit: false }
  if ('dataset' in validation) {
    return { trainingRows: rows, validationRows: validationProfile?.rows ?? 0, isSplit: false }
  }
  if (rows < 2) {
    const detail = 'The dataset has one image, too few to hold some out. Leave "validation" out.'
    complaints.add('/training/validation/fraction', 'too_few_rows', detail)
  }
  const validationRows = validationRowsOf(rows, validation.fraction)
  return { trainingRows: rows - validationRows, validationRows, isSplit: true }
}
