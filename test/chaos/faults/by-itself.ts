/** @file Runs what makes processes of its own die, beside the stand; its short form has a test of its own. */
import type { Row, RowOptions } from '../crashes/row.ts'
import type { FaultContext, FaultReport } from './fault.ts'

const seeds = 2 ** 31

/** `perRound`: how many tries a round is; the last round is a whole one. */
export async function byItself(
  { stand: { shape }, random, tries }: FaultContext,
  strike: (options: RowOptions) => Promise<Row>,
  perRound: number,
): Promise<FaultReport> {
  const seed = Math.floor(random.between(0, seeds))
  const rounds = Math.ceil(tries / perRound)
  const { lost, diverged, ...row } = await strike({ seed, tries: rounds, shape, log: console.log })
  return { ...row, jobs: row.tries, damage: { lost, diverged } }
}
