/**
 * @file Where the rows of a job come from: any array of numbers, read as floats when they are needed.
 *
 *   row r = values[r * stride .. r * stride + width) * scale + offset
 *
 * So pixels stay bytes, and overlapping windows of a text are one array with a stride of 1. The array
 * may lie in shared memory, and need not lie in the job's.
 */
import type { FloatArray } from './float-array.ts'

export type RowValues = FloatArray | Uint8Array | Uint16Array | Uint32Array

export interface RowSource {
  readonly values: RowValues
  /** Elements from the start of one row to that of the next; the width of a row when not given. */
  readonly stride?: number
  /** 1 and 0 when not given. */
  readonly scale?: number
  readonly offset?: number
}

/** How many values there must be for so many rows. */
export function sourceLength(rows: number, width: number, { stride = width }: RowSource): number {
  return rows === 0 ? 0 : (rows - 1) * stride + width
}

export function isFloats(values: RowValues): values is FloatArray {
  return values instanceof Float32Array || values instanceof Float64Array
}

/** A value as the network gets to see it. */
export function valueAt({ values, scale = 1, offset = 0 }: RowSource, place: number): number {
  return values[place] * scale + offset
}

/** The first place with a value that is as asked; -1 when there is none. */
export function findPlace(
  { values, scale = 1, offset = 0 }: RowSource,
  is: (value: number) => boolean,
): number {
  return values.findIndex((value: number) => is(value * scale + offset))
}
