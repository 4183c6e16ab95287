/** @file Collects what is wrong with a spec, so that a client learns of all of it at once. */
import type { ErrorItem } from '../../contract/errors.ts'

export interface Complaints {
  readonly items: readonly ErrorItem[]
  /** `pointer` is an RFC 6901 pointer into the spec. */
  add(pointer: string, code: string, detail: string): void
}

export function createComplaints(): Complaints {
  const items: ErrorItem[] = []
  return {
    items,
    add(pointer, code, detail) {
      items.push({ pointer, code, detail })
    },
  }
}
