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
    beyondPointers(plan),
  ].flat()
  if (passed.length === 0) return
  throw new AppError('limit_exceeded', passed.map(({ detail }) => detail).join(' '), {
    errors: passed,
  })
}

/** A job lies in one memory with pointers of 32 bits: 4 GiB, whatever the machine has. */
const mostInOneMemory = 4 * 1024 ** 3

function beyondPointers({ bytes }: Plan): ErrorItem[] {
  const { parameters, gradients, optimizer, activations } = bytes
  const needed = parameters + gradients + optimizer + activations
  if (needed <= mostInOneMemory) return []
  const detail = `Parameters, gradients, optimizer state and activations take ${needed} bytes; a job may take ${mostInOneMemory}. Make the batch or the model smaller, or accumulate gradients over smaller batches.`
  return [{ pointer: '/training/batch_size', code: 'memory_too_small', detail }]
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
