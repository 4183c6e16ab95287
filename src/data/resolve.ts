/**
 * @file From a spec and the profile of its dataset to a task. Cheap and pure, so that the door can
 * refuse with it what a thread would fail on later; both get the same answer.
 */
import type { DatasetProfile } from '../contract/datasets.ts'
import type { Spec } from '../contract/spec/spec.ts'
import { type ImageTask, resolveImages } from './resolve-images.ts'
import { resolveTable, type TabularTask } from './resolve-table.ts'
import { resolveText, type TextTask } from './resolve-text.ts'
import { SpecError } from './spec-error.ts'

/** One kind per kind of dataset. */
export type Task = TabularTask | TextTask | ImageTask

export type TaskSpec = Pick<Spec, 'target' | 'features' | 'text' | 'loss' | 'model' | 'training'>

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveTask(
  spec: TaskSpec,
  profile: DatasetProfile,
  validation: DatasetProfile | null,
): Task {
  switch (profile.kind) {
    case 'table':
      if (validation && validation.kind !== 'table') throw otherKind(profile, validation)
      return resolveTable(spec, profile, validation)
    case 'text':
      if (validation && validation.kind !== 'text') throw otherKind(profile, validation)
      return resolveText(spec, profile, validation)
    case 'images':
      if (validation && validation.kind !== 'images') throw otherKind(profile, validation)
      return resolveImages(spec, profile, validation)
    default:
      return profile satisfies never
  }
}

const kindNames = { table: 'a table', text: 'plain text', images: 'images' } satisfies Record<
  DatasetProfile['kind'],
  string
>

function otherKind(training: DatasetProfile, validation: DatasetProfile): SpecError {
  const came = `The validation dataset is ${kindNames[validation.kind]}`
  const expected = `the training dataset is ${kindNames[training.kind]}`
  const detail = `${came}, but ${expected}. Both must be of one kind.`
  const pointer = '/training/validation/dataset'
  return new SpecError([{ pointer, code: 'validation_mismatch', detail }])
}
