/**
 * @file Philox4x32-10: a counter and a key in, four random words out. No state.
 *
 * Because nothing is carried from call to call, a stream can be entered anywhere: a resumed run, a
 * second thread and a vector lane all see the numbers that one undisturbed loop would see.
 *
 * Reference: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** Writes four words of 32 bits into `out`, from the counter (c0, c1, c2, c3) and the key (k0, k1). */
export function philox(
  out: Uint32Array, // (4)
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  let x0 = c0 | 0
  let x1 = c1 | 0
  let x2 = c2 | 0
  let x3 = c3 | 0
  let key0 = k0 | 0
  let key1 = k1 | 0
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(x0, MULTIPLIER_0)
    const low0 = Math.imul(x0, MULTIPLIER_0)
    const high1 = multiplyHigh(x2, MULTIPLIER_1)
    const low1 = Math.imul(x2, MULTIPLIER_1)
    x0 = high1 ^ x1 ^ key0
    x1 = low1
    x2 = high0 ^ x3 ^ key1
    x3 = low0
    key0 = (key0 + WEYL_0) | 0
    key1 = (key1 + WEYL_1) | 0
  }
  out[0] = x0
  out[1] = x1
  out[2] = x2
  out[3] = x3
}

/** The upper 32 bits of the 64-bit product of two unsigned words, in halves of 16 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)
  // Every product fits 32 bits unsigned; imul returns it signed, hence the `>>> 0`.
  const cross = (Math.imul(aLow, bHigh) >>> 0) + ((middle >>> 0) & 0xffff)
  return (Math.imul(aHigh, bHigh) + ((middle >>> 0) >>> 16) + Math.floor(cross / 65536)) | 0
}
