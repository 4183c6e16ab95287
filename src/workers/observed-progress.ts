/** @file What a thread reports, seen on its way to the writer: the steps are counted. */
import type { WorkerMetrics } from './metrics.ts'
import type { ProgressWriter } from './progress-writer.ts'

export interface ProgressObserver {
  readonly metrics: Pick<WorkerMetrics, 'steps'>
  /** Where the run began. */
  readonly firstStep: number
}

export function observeProgress(
  writer: ProgressWriter,
  { metrics, firstStep }: ProgressObserver,
): ProgressWriter {
  let counted = firstStep
  return {
    ...writer,
    add(report) {
      metrics.steps.inc(Math.max(0, report.step - counted))
      counted = report.step
      writer.add(report)
    },
  }
}
