/**
 * @file What a thread reports, seen on its way to the writer: the steps are counted, and the span of the
 * training is told of each percent, so that the longest job has no more events than a span may have.
 */
import type { Span } from '../contract/tracing.ts'
import type { WorkerMetrics } from './metrics.ts'
import type { ProgressWriter } from './progress-writer.ts'

export interface ProgressObserver {
  readonly metrics: Pick<WorkerMetrics, 'steps'>
  readonly span: Span
  /** Where the run began. */
  readonly firstStep: number
  /** Of the whole job. */
  readonly steps: number
}

export function observeProgress(
  writer: ProgressWriter,
  { metrics, span, firstStep, steps }: ProgressObserver,
): ProgressWriter {
  let counted = firstStep
  let percent = Math.floor((firstStep * 100) / steps)
  return {
    ...writer,
    add(report) {
      const { step, epoch, points } = report
      metrics.steps.inc(Math.max(0, step - counted))
      counted = step
      const reached = Math.floor((step * 100) / steps)
      if (reached > percent) {
        percent = reached
        const loss = points.findLast(({ name }) => name === 'loss')?.value
        span.event('progress', { step, epoch, ...(loss !== undefined && { loss }) })
      }
      writer.add(report)
    },
  }
}
