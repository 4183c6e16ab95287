/** @file A report of the collector, for people. */
import { collectedKinds } from '../../store/retention/collected.ts'
import { describeBytes, describeCount } from '../quantities.ts'
import type { Amounts, Report } from './collect-report.ts'

const names = {
  checkpoints: 'checkpoint',
  losses: 'loss',
  events: 'event',
  idempotency_keys: 'idempotency key',
} as const

export function printReport(report: Report, print: (text: string) => void): void {
  const { checkpoint_days: checkpoints, history_days: history } = report.policy
  print(
    `Policy: checkpoints of finished jobs are kept ${kept(checkpoints, 'RETENTION_CHECKPOINT_DAYS')}, ` +
      `losses and events ${kept(history, 'RETENTION_HISTORY_DAYS')}.`,
  )
  for (const { project, ...amounts } of report.projects) {
    print(`  ${project ?? 'the instance'}: ${describe(amounts)}`)
  }
  const all = describe(report.total)
  print(report.dry_run ? `Would remove ${all}. Nothing was removed.` : `Removed ${all}.`)
  if (report.interrupted) print('Interrupted: the rest is still there.')
}

function kept(days: number | null, setting: string): string {
  return days === null ? `for ever (${setting} is not set)` : `for ${describeCount(days, 'day')}`
}

function describe(amounts: Amounts): string {
  const parts = collectedKinds
    .filter((kind) => amounts[kind].rows > 0)
    .map((kind) => {
      const { rows, bytes } = amounts[kind]
      return `${plural(rows, names[kind])} (${describeBytes(bytes)})`
    })
  return parts.join(', ') || 'nothing'
}

function plural(count: number, noun: string): string {
  return noun === 'loss'
    ? `${count.toLocaleString('en')} ${count === 1 ? 'loss' : 'losses'}`
    : describeCount(count, noun)
}
