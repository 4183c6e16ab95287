/** @file The results of the whole form as a table for docs/reliability.md, whose test holds it to them. */
import type { Result } from './results.ts'

const head = [
  '| fault | queue | tries | jobs | lost | diverged | recovered, p50 | at most | load | holds |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
]

export function tableOf(results: readonly Result[]): string {
  return [...head, ...results.map(rowOf)].join('\n')
}

function rowOf(result: Result): string {
  const { fault, shape, tries, jobs, lost, diverged, recovered_ms: times, loads } = result
  const cells = [
    fault,
    shape,
    tries.toLocaleString('en'),
    jobs.toLocaleString('en'),
    lost,
    diverged,
    secondsOf(times?.p50),
    secondsOf(times?.max),
    Math.max(...loads).toFixed(0),
    verdictOf(result),
  ]
  return `| ${cells.join(' | ')} |`
}

function secondsOf(ms: number | undefined): string {
  return ms === undefined ? '–' : `${(ms / 1000).toFixed(1)} s`
}

function verdictOf({ problems, not_run: notRun }: Result): string {
  if (notRun) return 'not run'
  return problems.length === 0 ? 'yes' : `no: ${problems.length}`
}
