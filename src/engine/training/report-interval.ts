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

/** Enough for a chart, little enough to store for each of a million jobs. */
const maxPointsByDefault = 2000

interface ReportedJob {
  readonly steps: number
  readonly stepsPerEpoch: number
  /** How many metrics there are beside the loss, each reported at the end of epochs. */
  readonly epochMetrics: number
}

export function reportInterval(job: ReportedJob, every: number | undefined): ReportInterval {
  if (every !== undefined) return intervalOf(job, every)
  // The smallest interval that fits; the number of points never rises with the interval.
  let low = 1
  let high = job.steps
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (intervalOf(job, middle).points <= maxPointsByDefault) high = middle
    else low = middle + 1
  }
  return intervalOf(job, low)
}

function intervalOf(
  { steps, stepsPerEpoch, epochMetrics }: ReportedJob,
  every: number,
): ReportInterval {
  const epochs = Math.ceil(every / stepsPerEpoch)
  const epochPoints = Math.ceil(Math.ceil(steps / stepsPerEpoch) / epochs)
  return { steps: every, epochs, points: Math.ceil(steps / every) + epochMetrics * epochPoints }
}
