/**
 * @file The natural logarithm, in double precision, with the same bits on every machine.
 *
 * x = 2^e * m with m in [sqrt(1/2), sqrt(2)); with s = (m - 1) / (m + 1) the series
 * log m = 2 (s + s^3/3 + s^5/5 + ...) has s^2 < 0.0295 and is exact to 1e-16 after ten terms.
 */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const SQRT_HALF = Math.sqrt(0.5)
const SMALLEST_NORMAL = 2.2250738585072014e-308
const TWO_TO_54 = 18014398509481984

const bits = new DataView(new ArrayBuffer(8))

export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  const isSubnormal = x < SMALLEST_NORMAL
  bits.setFloat64(0, isSubnormal ? x * TWO_TO_54 : x)
  const high = bits.getUint32(0)
  let e = (high >>> 20) - 1022 - (isSubnormal ? 54 : 0)
  bits.setUint32(0, (high & 0xfffff) | 0x3fe00000)
  let m = bits.getFloat64(0) // in [1/2, 1)
  if (m < SQRT_HALF) {
    m *= 2
    e -= 1
  }

  const s = (m - 1) / (m + 1)
  const s2 = s * s
  const series =
    s2 *
    (1 / 3 +
      s2 *
        (1 / 5 +
          s2 *
            (1 / 7 +
              s2 *
                (1 / 9 + s2 * (1 / 11 + s2 * (1 / 13 + s2 * (1 / 15 + s2 * (1 / 17 + s2 / 19))))))))
  return e * LN2_HIGH + (2 * s + (2 * s * series + e * LN2_LOW))
}
