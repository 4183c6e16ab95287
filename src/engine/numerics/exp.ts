/**
 * @file The exponential function, in double precision, with the same bits on every machine.
 *
 * exp(x) = 2^k * exp(r), with k the nearest integer to x / ln 2 and |r| <= ln(2) / 2, where the series
 * up to r^12 / 12! is exact to 4e-16. Built-in versions differ between engines in the last bits.
 */
/** ln 2 in two parts: k * LN2_HIGH is exact for every k in use. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const LOG2_E = 1 / (LN2_HIGH + LN2_LOW)

const TWO_TO_MINUS_64 = 5.421010862427522e-20

const OVERFLOW = 709.782712893384
const UNDERFLOW = -745.1332191019412

/** 2^(i - 1022) at i, by exact doublings: the powers that are normal doubles, up to 2^1023. */
const powersOfTwo = new Float64Array(2046)
let doubled = 2.2250738585072014e-308
for (let i = 0; i < powersOfTwo.length; i++) {
  powersOfTwo[i] = doubled
  doubled *= 2
}

export function exp(x: number): number {
  if (x > OVERFLOW) return Infinity
  if (Number.isNaN(x)) return x
  if (x < UNDERFLOW) return 0
  const k = Math.floor(x * LOG2_E + 0.5)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  // Two chains of even and odd powers: half the latency of one.
  const r2 = r * r
  const even =
    1 +
    r2 *
      (1 / 2 +
        r2 *
          (1 / 24 + r2 * (1 / 720 + r2 * (1 / 40320 + r2 * (1 / 3628800 + r2 * (1 / 479001600))))))
  const odd =
    1 + r2 * (1 / 6 + r2 * (1 / 120 + r2 * (1 / 5040 + r2 * (1 / 362880 + r2 * (1 / 39916800)))))
  return scale(even + r * odd, k)
}

function scale(value: number, power: number): number {
  // At both ends the power itself is no normal double, though the product may be one.
  if (power > 1023) return value * 2 * powersOfTwo[power + 1021]
  if (power < -1022) return value * powersOfTwo[power + 1086] * TWO_TO_MINUS_64
  return value * powersOfTwo[power + 1022]
}
