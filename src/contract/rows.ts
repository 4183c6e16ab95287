/**
 * @file Lists of rows as a schema. Bodies of megabytes hold the event loop while they are checked, so
 * cells are looked at by a function, and the schema is asked only when one of them is wrong.
 */
import { z } from 'zod'

/** `isRight` must agree with the cells of `Row`. */
export function rowsOf<Row extends z.ZodType>(
  row: Row,
  isRight: (cell: unknown) => boolean,
  max: number,
) {
  const list = z.array(row).min(1).max(max)
  // 450 rows of 1,000 cells: 388 ms by the schema, 37 by the look.
  const found = new WeakSet<object>()
  const { run } = list._zod
  list._zod.run = (payload, context) => {
    const { value } = payload
    const isKnown = Array.isArray(value) && found.delete(value)
    return isKnown && value.length >= 1 && value.length <= max ? payload : run(payload, context)
  }
  return z.preprocess((input) => {
    const upTo = upToFirstWrong(input, isRight)
    if (upTo === input && Array.isArray(input)) found.add(input)
    return upTo
  }, list)
}

/**
 * All up to the first row or cell that is none. What is wrong once is often wrong everywhere, and to
 * complain costs ten times as much as to look: 300,000 wrong cells took 3.8 s.
 */
function upToFirstWrong(input: unknown, isRight: (cell: unknown) => boolean): unknown {
  if (!Array.isArray(input)) return input
  for (const [i, row] of input.entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      return input.slice(0, i + 1)
    }
    for (const name of Object.keys(row)) {
      const cell: unknown = Reflect.get(row, name)
      if (!isRight(cell)) return [...input.slice(0, i), Object.fromEntries([[name, cell]])]
    }
  }
  return input
}
