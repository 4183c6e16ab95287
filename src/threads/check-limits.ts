/** @file A plan against the limits of a project: every limit that it passes, with both numbers. */
import { AppError, type ErrorItem } from '../contract/errors.ts'
import type { Plan } from '../contract/plans.ts'
import type { Limits } from '../contract/tenancy.ts'

/** Throws `limit_exceeded`. */
export function checkLimits(plan: Plan, limits: Limits): void {
  const passed = [
    passedLimit('job_parameters', 'parameters', plan.parameters, limits.job_parameters, '/model'),
    passedLimit('job_bytes', 'bytes of memory', plan.bytes.total, limits.job_bytes, '/model'),
    passedLimit('job_points', 'loss points', plan.points, limits.job_points, '/training'),
    passedLimit('job_flops', 'operations', plan.flops, limits.job_flops, '/training'),
  ].flat()
  if (passed.length === 0) return
  throw new AppError('limit_exceeded', passed.map(({ detail }) => detail).join(' '), {
    errors: passed,
  })
}

function passedLimit(
  code: keyof Limits,
  unit: string,
  asked: number,
  limit: number,
  pointer: string,
): ErrorItem[] {
  if (asked <= limit) return []
  return [{ pointer, code, detail: `The job needs ${asked} ${unit}; the limit is ${limit}.` }]
}
