/**
 * @file What a reference is: a figure that somebody published, or that was measured elsewhere, and that
 * the engine must reach. Each is defined once; `npm run references` and the tests run the same ones.
 */
import type { KernelBackend } from '../../src/engine/index.ts'

export interface Reference {
  readonly check: string
  readonly configuration: string
  /** What `measure` measures, in this order. */
  readonly figures: readonly Figure[]
  /** It takes minutes: run when asked for. */
  readonly isLong?: boolean
  /** In the data folder, where the repository does not hold them; none when not given. */
  readonly files?: readonly string[]
  measure(given: Given): readonly number[]
}

export interface Figure {
  readonly name: string
  /** As it is found at its source, or as another program has it on this task. */
  readonly published: string
  readonly bar: Bar
}

/** Both ends belong to it. */
export interface Bar {
  readonly least?: number
  readonly most?: number
}

export interface Given {
  readonly backend: KernelBackend
  readonly dataFolder: string
}

export function isWithin(value: number, { least = -Infinity, most = Infinity }: Bar): boolean {
  return value >= least && value <= most
}

export function describeBar({ least, most }: Bar): string {
  if (least === most) return `= ${least}`
  if (least === undefined) return `≤ ${most}`
  return most === undefined ? `≥ ${least}` : `${least} to ${most}`
}
