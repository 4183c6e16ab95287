/**
 * @file How often a job reports. Losses come every `steps` steps, what belongs to epochs every `epochs`
 * epochs; each point is the mean over its interval, so nothing is skipped.
 */
export interface ReportInterval {
  readonly steps: number
  readonly epochs: number
  /** How many points the whole job reports, unless it ends early. */
  readonly points: number
}

/**
 * Enough for a chart, little enough to store for each of a million jobs; and of a job of a few milliseconds
 * no more than it takes to see its curve: to store a point takes 20 µs, which is 5e5 operations or more.
 */
const pointsByDefault = { most: 2000, least: 250, operationsForEach: 2e6 } as const

interface ReportedJob {
  readonly steps: number
  /** Of the whole job. */
  readonly flops: number
  readonly stepsPerEpoch: number
  /** How many metrics there are beside the loss, each reported at the end of epochs. */
  readonly epochMetrics: number
}

export function reportInterval(job: ReportedJob, every: number | undefined): ReportInterval {
  if (every !== undefined) return intervalOf(job, every)
  const { most, least, operationsForEach } = pointsByDefault
  const points = Math.min(most, Math.max(least, job.flops / operationsForEach))
  // The smallest interval that fits; the number of points never rises with the interval.
  let low = 1
  let high = job.steps
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (intervalOf(job, middle).points <= points) high = middle
    else low = middle + 1
  }
  return intervalOf(job, low)
}

function intervalOf(
  { steps, stepsPerEpoch, epochMetrics }: Omit<ReportedJob, 'flops'>,
  every: number,
): ReportInterval {
  const epochs = Math.ceil(every / stepsPerEpoch)
  const epochPoints = Math.ceil(Math.ceil(steps / stepsPerEpoch) / epochs)
  return { steps: every, epochs, points: Math.ceil(steps / every) + epochMetrics * epochPoints }
}
