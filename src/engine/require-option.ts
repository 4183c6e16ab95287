/** @file Checks of numeric options, with errors that name the owner, the option and its range. */
import { EngineError } from './errors.ts'

interface Range {
  readonly min?: number
  readonly max?: number
  /** True where the bound itself is not allowed. */
  readonly aboveMin?: boolean
  readonly belowMax?: boolean
  readonly integer?: boolean
}

/** Returns `value`, or throws `invalid_definition`: `dropout: rate must be >= 0 and < 1, got 2.` */
export function requireOption(owner: string, option: string, value: number, range: Range): number {
  const { min, max, aboveMin = false, belowMax = false, integer = false } = range
  const fits =
    Number.isFinite(value) &&
    (!integer || Number.isSafeInteger(value)) &&
    (min === undefined || (aboveMin ? value > min : value >= min)) &&
    (max === undefined || (belowMax ? value < max : value <= max))
  if (fits) return value

  const bounds = [
    ...(min === undefined ? [] : [`${aboveMin ? '>' : '>='} ${min}`]),
    ...(max === undefined ? [] : [`${belowMax ? '<' : '<='} ${max}`]),
  ].join(' and ')
  const kind = integer ? 'an integer' : 'a number'
  throw new EngineError(
    'invalid_definition',
    `${owner}: ${option} must be ${kind}${bounds && ` ${bounds}`}, got ${value}.`,
    { option },
  )
}
