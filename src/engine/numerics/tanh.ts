/**
 * @file The hyperbolic tangent, in double precision, with the same bits on every machine.
 *
 * Away from zero 1 - 2 / (exp(2x) + 1); near zero that cancels, so there a quotient of polynomials:
 * Lambert's continued fraction x / (1 + x^2 / (3 + x^2 / (5 + ...))) cut after 13.
 */
import { exp } from './exp.ts'

/** Below it the fraction is exact to 2e-16, above it the formula loses at most one bit. */
const NEAR_ZERO = 0.55

export function tanh(x: number): number {
  if (x > NEAR_ZERO) return 1 - 2 / (exp(2 * x) + 1)
  if (x < -NEAR_ZERO) return 2 / (exp(-2 * x) + 1) - 1
  const x2 = x * x
  const above = 135135 + x2 * (17325 + x2 * (378 + x2))
  const below = 135135 + x2 * (62370 + x2 * (3150 + x2 * 28))
  return (x * above) / below
}
