/** @file A campaign in words, for people. */
import type { CampaignReport } from './campaign.ts'

export function describeReport(report: CampaignReport): string {
  const { sent, seconds, operations, health, findings } = report
  const rate = Math.round(sent / seconds)
  const delays = [health.longestDelayMs, health.longestOwnDelayMs].map(Math.round)
  const memory = [health.firstResidentMiB, health.mostResidentMiB, health.lastResidentMiB]
  return [
    `${sent} requests to ${operations} operations in ${Math.round(seconds)} s (${rate} a second)`,
    `never served ${report.neverServed.join(', ') || 'none'}`,
    `kinds        ${counts(report.byKind)}`,
    `statuses     ${counts(report.byStatus)}`,
    `503 says     ${counts(report.unavailable) || 'nothing'}`,
    `cut sockets  ${report.cut}`,
    `event loop   longest delay ${delays[0]} ms, of its own ${delays[1]} ms`,
    `memory       ${memory.map(Math.round).join(' → ')} MiB (first, most, last)`,
    `findings     ${findings.length}`,
    ...findings.flatMap(({ what, times, number, request, answer }) => [
      `\n${times} × ${what}`,
      `  first: --only ${number}`,
      `  ${request}`,
      `  ${answer}`,
    ]),
  ].join('\n')
}

function counts(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .map(([name, times]) => `${name}: ${times}`)
    .join(', ')
}
