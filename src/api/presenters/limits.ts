/** @file Limits and usage as clients see them. */
import type { z } from 'zod'

import type { Limits, LimitsResponse } from '../../contract/tenancy.ts'
import type { Usage } from '../../store/usage.ts'

export function presentLimits(limits: Limits, usage: Usage): z.infer<typeof LimitsResponse> {
  return { object: 'limits', limits, usage }
}
