/** @file Limits and usage as clients see them. */
import type { z } from 'zod'

import type { Limits, LimitsResponse } from '../../contract/tenancy.ts'
import type { Usage } from '../../store/usage.ts'

/** `eventStreams`: open in the process that answers. */
export function presentLimits(
  limits: Limits,
  usage: Usage,
  eventStreams: number,
): z.infer<typeof LimitsResponse> {
  return { object: 'limits', limits, usage: { ...usage, event_streams: eventStreams } }
}
