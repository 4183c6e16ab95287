/** @file The table of a campaign, for people; problems follow it in full. */
import type { Row } from './campaign.ts'
import { percentile } from './workload/tally.ts'

const columns = [
  'fault',
  'queue',
  'tries',
  'jobs',
  'lost',
  'diverged',
  'recovered p50',
  'max',
  'holds',
  'asked',
] as const

export function describeRows(rows: readonly Row[]): string {
  const cells = [columns, ...rows.map(cellsOf)]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)))
  const lines = cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, ...rows.flatMap(remarksOf)].join('\n')
}

function cellsOf(row: Row): readonly string[] {
  const times = row.recoveriesMs
  const time = (ms: number) => (times.length === 0 ? '–' : `${(ms / 1000).toFixed(1)} s`)
  return [
    row.fault,
    row.shape,
    String(row.tries),
    String(row.jobs),
    String(row.lost),
    String(row.diverged),
    time(percentile(times, 0.5)),
    time(Math.max(...times)),
    row.notRun ? 'NOT RUN' : row.problems.length === 0 ? 'yes' : 'NO',
    row.asked,
  ]
}

function remarksOf({ fault, shape, notes, problems, notRun, seconds, load }: Row): string[] {
  const place = `${fault} on ${shape}`
  return [
    `\n${place}: ${[...notes, `${Math.round(seconds)} s`, `load ${load.toFixed(1)}`].join('; ')}`,
    ...(notRun ? [`  NOT RUN: ${notRun}`] : []),
    ...problems.map((what) => `  PROBLEM: ${what}`),
  ]
}
