/**
 * @file The metrics of a job that has ended: those of its final weights, over all rows of each part.
 * The last points of the series are older: means over an interval, seen while the weights moved.
 */
import type { Evaluation, EvaluationReport, Metrics } from '../contract/jobs.ts'

export function finalMetrics({ training, validation }: Evaluation): Metrics {
  return { ...named('', training), ...(validation && named('validation_', validation)) }
}

function named(prefix: string, report: EvaluationReport): Metrics {
  return Object.fromEntries(
    Object.entries(scoresOf(report)).map(([name, value]) => [`${prefix}${name}`, value]),
  )
}

function scoresOf(report: EvaluationReport): Metrics {
  switch (report.task) {
    case 'classification':
      return { loss: report.loss, accuracy: report.accuracy }
    case 'language_modeling':
      return { loss: report.loss, perplexity: report.perplexity, accuracy: report.accuracy }
    case 'regression':
      return {
        loss: report.loss,
        mean_absolute_error: report.mean_absolute_error,
        root_mean_squared_error: report.root_mean_squared_error,
        r2: report.r2,
      }
    default:
      return report satisfies never
  }
}
