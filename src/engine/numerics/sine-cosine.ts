/**
 * @file Sine and cosine, in double precision, with the same bits on every machine.
 *
 * x = k * pi/2 + r with |r| <= pi/4, where the Taylor series are exact to 1e-16. Good for |x| up to
 * about 1e6: pi/2 is taken away in two parts, the first with so few bits that k times it is exact.
 */
const TWO_OVER_PI = 0.6366197723675814
const HALF_PI_HIGH = 1.5707963267341256
const HALF_PI_LOW = 6.077100506506192e-11

export function sine(x: number): number {
  const k = Math.floor(x * TWO_OVER_PI + 0.5)
  return quarterWave(x - k * HALF_PI_HIGH - k * HALF_PI_LOW, k & 3)
}

export function cosine(x: number): number {
  const k = Math.floor(x * TWO_OVER_PI + 0.5)
  return quarterWave(x - k * HALF_PI_HIGH - k * HALF_PI_LOW, (k + 1) & 3)
}

/** sin(r + quarter * pi/2) */
function quarterWave(r: number, quarter: number): number {
  const r2 = r * r
  const value =
    quarter % 2 === 0
      ? r *
        (1 -
          (r2 / 6) *
            (1 -
              (r2 / 20) *
                (1 -
                  (r2 / 42) *
                    (1 - (r2 / 72) * (1 - (r2 / 110) * (1 - (r2 / 156) * (1 - r2 / 210)))))))
      : 1 -
        (r2 / 2) *
          (1 -
            (r2 / 12) *
              (1 -
                (r2 / 30) *
                  (1 -
                    (r2 / 56) *
                      (1 - (r2 / 90) * (1 - (r2 / 132) * (1 - (r2 / 182) * (1 - r2 / 240)))))))
  return quarter >= 2 ? -value : value
}
