/** @file Whether the workers could hold every job that the API accepts. */
import { type Finding, ok, warning } from './finding.ts'

/** Nothing to say while no worker is at work. */
export function examineWorkers(largestMemoryBytes: number | null, maxJobBytes: number): Finding[] {
  if (largestMemoryBytes === null) return []
  const found = `the largest may plan with ${largestMemoryBytes} bytes`
  if (maxJobBytes <= largestMemoryBytes) return [ok('memory of workers', found)]
  const advice = `Here jobs of up to ${maxJobBytes} bytes are accepted, and those above what a worker has wait for ever: set LIMIT_JOB_BYTES=${largestMemoryBytes} where the API runs, or give a worker more MEMORY_BYTES.`
  return [warning('memory of workers', found, advice)]
}
