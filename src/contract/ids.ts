/**
 * @file Ids: a prefix that says what is meant, and a UUIDv7 without dashes, as in
 * `job_0192f0c1a2b37c4d8e5f60718293a4b5`.
 *
 * UUIDv7 starts with the time, so ids sort by age and a page's cursor is simply the last id seen.
 */
import { uuidv7obj } from 'uuidv7'
import { z } from 'zod'

/** What has an id, and the prefix that it bears. */
export const idPrefixes = {
  project: 'prj',
  apiKey: 'key',
  dataset: 'ds',
  job: 'job',
  run: 'run',
  checkpoint: 'ckpt',
  blob: 'blob',
  request: 'req',
} as const

export type IdKind = keyof typeof idPrefixes

export function newId(kind: IdKind): string {
  return `${idPrefixes[kind]}_${uuidv7obj().toHex()}`
}

function idSchema(kind: IdKind) {
  const prefix = idPrefixes[kind]
  return z
    .string()
    .regex(
      new RegExp(`^${prefix}_[0-9a-f]{32}$`),
      `expected an id like ${prefix}_ and 32 hex digits`,
    )
}

export const ProjectId = idSchema('project')
export const ApiKeyId = idSchema('apiKey')
export const DatasetId = idSchema('dataset')
export const JobId = idSchema('job')
export const RunId = idSchema('run')
export const CheckpointId = idSchema('checkpoint')
