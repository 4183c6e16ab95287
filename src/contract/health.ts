/** @file What /livez and /readyz answer, for probes and for people. */
import { z } from 'zod'

import { KernelReport } from './kernels.ts'

export const Live = z
  .strictObject({ status: z.literal('alive'), version: z.string() })
  .meta({ id: 'Live' })
export type Live = z.infer<typeof Live>

export const Readiness = z
  .strictObject({
    status: z.enum(['ready', 'degraded', 'unavailable']).meta({
      description: 'degraded: all works but the start of jobs, which wait for the queue.',
    }),
    version: z.string(),
    checks: z.strictObject({
      draining: z.boolean().meta({ description: 'The service is about to stop.' }),
      database: z.enum(['up', 'down']),
      schema_ready: z.boolean().meta({ description: 'All migrations are applied.' }),
      queue: z.enum(['up', 'down']),
      queue_backend: z.enum(['redis', 'postgres']),
      kernels: KernelReport,
      pool: z.strictObject({
        free_threads: z.number().int(),
        waiting_tasks: z.number().int(),
      }),
    }),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>
