/**
 * @file bench/results/chaos.json: what the whole form has found, fault by fault. A fault that is struck
 * again takes the place of what is there; a part of its tries (`--tries`) is added to it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

import type { Row } from './campaign.ts'
import type { Shape } from './stand/stand.ts'
import { percentile } from './workload/tally.ts'

export interface Result {
  readonly fault: string
  readonly shape: Shape
  readonly asked: string
  readonly tries: number
  readonly jobs: number
  readonly lost: number
  readonly diverged: number
  /** Of several parts, the highest of each. */
  readonly recovered_ms: { readonly p50: number; readonly max: number } | null
  readonly seconds: number
  /** Processes that wanted one of the cores at once, over the last minute of each part. */
  readonly loads: readonly number[]
  readonly seeds: readonly number[]
  /** When it, or its last part, had ended. */
  readonly at: string
  readonly notes: readonly string[]
  readonly problems: readonly string[]
  readonly not_run: string | null
}

interface Report {
  readonly machine: { readonly cpu?: string; readonly cores: number; readonly node: string }
  readonly results: readonly Result[]
}

const file = 'bench/results/chaos.json'

/** After each fault, so that a run that is broken off keeps what it found. */
export function keepResult(row: Row, seed: number, { isPart }: { readonly isPart: boolean }): void {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const results = withResult(readResults(), resultOf(row, seed), { isPart })
  const report: Report = { machine, results }
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
}

export function readResults(): readonly Result[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report).results : []
}

/** Sorted, so that the order of the runs does not show in a diff. */
export function withResult(
  earlier: readonly Result[],
  result: Result,
  { isPart }: { readonly isPart: boolean },
): Result[] {
  const isSame = ({ fault, shape }: Result) => fault === result.fault && shape === result.shape
  const before = isPart ? earlier.find(isSame) : undefined
  const rest = earlier.filter((each) => !isSame(each))
  const key = ({ shape, fault }: Result) => `${shape} ${fault}`
  return [...rest, before ? added(before, result) : result].sort((a, b) =>
    key(b) < key(a) ? 1 : -1,
  )
}

function added(before: Result, part: Result): Result {
  return {
    ...part,
    tries: before.tries + part.tries,
    jobs: before.jobs + part.jobs,
    lost: before.lost + part.lost,
    diverged: before.diverged + part.diverged,
    recovered_ms: higherOf(before.recovered_ms, part.recovered_ms),
    seconds: before.seconds + part.seconds,
    loads: [...before.loads, ...part.loads],
    seeds: [...before.seeds, ...part.seeds],
    notes: [...before.notes, ...part.notes],
    problems: [...before.problems, ...part.problems],
  }
}

function higherOf(a: Result['recovered_ms'], b: Result['recovered_ms']): Result['recovered_ms'] {
  if (!a || !b) return a ?? b
  return { p50: Math.max(a.p50, b.p50), max: Math.max(a.max, b.max) }
}

function resultOf(row: Row, seed: number): Result {
  const { recoveriesMs: times, seconds, load, notRun, ...rest } = row
  return {
    ...rest,
    recovered_ms:
      times.length === 0
        ? null
        : { p50: Math.round(percentile(times, 0.5)), max: Math.round(Math.max(...times)) },
    seconds: Math.round(seconds),
    loads: [Math.round(load * 10) / 10],
    seeds: [seed],
    at: new Date().toISOString(),
    not_run: notRun,
  }
}
