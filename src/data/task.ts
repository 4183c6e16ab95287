/**
 * @file What a job is in numbers, whatever its data: what goes in, what comes out, how many rows there
 * are on each side. A plan and a network are made from this alone.
 */
import type { LossName } from '../contract/spec/spec.ts'

export interface TaskShape {
  /** Of one row of the inputs. */
  readonly inputShape: readonly number[]
  /** Of one answer: one per class or quantity, or 1 for two classes behind one sigmoid. */
  readonly outputs: number
  /** What a network may put out for a row. */
  readonly outputShapes: readonly (readonly number[])[]
  readonly lossName: LossName
  readonly trainingRows: number
  readonly validationRows: number
}

/** How many numbers that is. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
