/** @file Limits and usage as clients see them. */
import type { z } from 'zod'

import type { Limits, LimitsResponse } from '../../contract/tenancy.ts'

export interface Usage {
  readonly datasetsBytes: number
  readonly jobsUnfinished: number
  readonly eventStreams: number
}

export function presentLimits(
  limits: Limits,
  { datasetsBytes, jobsUnfinished, eventStreams }: Usage,
): z.infer<typeof LimitsResponse> {
  return {
    object: 'limits',
    limits,
    usage: {
      datasets_bytes_total: datasetsBytes,
      jobs_unfinished: jobsUnfinished,
      event_streams: eventStreams,
    },
  }
}
