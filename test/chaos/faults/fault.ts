/** @file What a fault is: something done to a stand, how often, and the figure that is asked for. */
import type { Random } from '../random.ts'
import type { Shape, Stand } from '../stand/stand.ts'

export interface Fault {
  /** For `--fault`. docs/reliability.md has a row for each. */
  readonly name: string
  readonly says: string
  /** The figure to reach, in words. */
  readonly asked: string
  /** 0: not done on that shape. What no queue has to do with is done on one of them in the short form. */
  readonly tries: { readonly full: Tries; readonly short: Tries }
  /** 5xx that clients may get meanwhile; 503 always with Retry-After. */
  readonly allowed: readonly number[]
  run(context: FaultContext): Promise<FaultReport>
}

export interface FaultContext {
  readonly stand: Stand
  readonly random: Random
  readonly tries: number
  readonly isShort: boolean
}

export interface FaultReport {
  /** Made in fact. */
  readonly tries: number
  /** How long it took each time until all was as before. */
  readonly recoveriesMs: readonly number[]
  /** Figures that were not reached, beside the invariants. */
  readonly problems: readonly string[]
  /** What else was counted, for the table. */
  readonly notes?: readonly string[]
  /** Jobs that were accepted on a stand of its own. */
  readonly jobs?: number
  /** Of those: what was lost, and what diverged. */
  readonly damage?: { readonly lost: number; readonly diverged: number }
  /** Why this machine cannot do it: nothing was tried. */
  readonly notRun?: string
}

export type Tries = Readonly<Record<Shape, number>>
