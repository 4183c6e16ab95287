/**
 * @file What faults with processes of their own are given and have to show: they arm, cut and restart
 * what a stand of long-running processes could not.
 */
export interface RowOptions {
  readonly seed: number
  /** How often each point, or each kind of cut, is tried. */
  readonly tries: number
  /** Where the queue is. */
  readonly shape: 'redis' | 'postgres'
  readonly log: (line: string) => void
  /** A selection that takes a minute, for CI. */
  readonly isShort?: boolean
  /** Of crash points: these alone, to look at a finding. */
  readonly only?: readonly string[]
}

/** Of the table of faults. */
export interface Row {
  readonly fault: string
  readonly tries: number
  readonly lost: number
  readonly diverged: number
  readonly recoveriesMs: readonly number[]
  /** What did not hold, in words; none when all is well. */
  readonly problems: readonly string[]
}
