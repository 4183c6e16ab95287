/**
 * @file From a spec and the profile of its dataset to a task. Cheap and pure, so that the door can
 * refuse with it what a thread would fail on later; both get the same answer.
 */
import type { TableProfile } from '../contract/datasets.ts'
import { resolveTable, type TableSpec, type TabularTask } from './resolve-table.ts'

/** One kind per kind of dataset. */
export type Task = TabularTask

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveTask(
  spec: TableSpec,
  profile: TableProfile,
  validationProfile: TableProfile | null,
): Task {
  return resolveTable(spec, profile, validationProfile)
}
