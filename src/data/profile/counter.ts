/**
 * @file Counts the distinct values of a column, until there are too many to be categories: then it
 * forgets them all and stays empty.
 */
import { maxCategories } from '../../contract/datasets.ts'

export interface Counter<Value> {
  /** null once there were too many. */
  readonly counts: ReadonlyMap<Value, number> | null
  /** Returns true for a value that was not there before, and false where nothing is kept any more. */
  add(value: Value): boolean
  forget(): void
}

export function createCounter<Value>(): Counter<Value> {
  let counts: Map<Value, number> | null = new Map()
  return {
    get counts() {
      return counts
    },

    add(value) {
      if (counts === null) return false
      const count = counts.get(value)
      counts.set(value, (count ?? 0) + 1)
      if (counts.size > maxCategories) counts = null
      return count === undefined
    },

    forget() {
      counts = null
    },
  }
}
