/** @file Which parameters are learned, and how many numbers that makes. */
import { sizeOf } from '../shape.ts'
import type { ParameterPlan } from './layer.ts'

export function trains({ trains = true }: ParameterPlan): boolean {
  return trains
}

export function countTrained(parameters: readonly ParameterPlan[]): number {
  return parameters.filter(trains).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}
