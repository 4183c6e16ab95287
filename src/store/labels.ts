/** @file Finding rows by label: all the given labels, each with the given value. */
import type { Labels } from '../contract/common.ts'

/** A list of Prisma conditions for `AND`. */
export function havingLabels(labels: Labels = {}) {
  return Object.entries(labels).map(([key, value]) => ({ labels: { path: [key], equals: value } }))
}
