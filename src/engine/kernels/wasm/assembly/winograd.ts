/**
 * @file Convolution of 3 x 3 by tiles, after Winograd: what happens before and after the products.
 *
 *   U = G w G^T      V = B^T x B      y = A^T (U V) A      over tiles of 4 x 4 pixels in, 2 x 2 out
 *
 *       1   0   0            1  0 -1  0           1  1  1  0
 *   G = .5  .5  .5     B^T = 0  1  1  0     A^T = 0  1 -1 -1
 *       .5 -.5  .5           0 -1  1  0
 *       0   0   1            0  1  0 -1
 *
 * Each of a tile's 16 numbers has a matrix of its own, k = 4 row + column of them, `kStride` numbers
 * apart: U (O, I), V (I, tiles), M = U V (O, tiles), the channels of V and M `row` numbers apart. The
 * tiles of a channel are those of some rows of tiles, image by image. The rest of a vector of four may
 * spill over the end of a row of tiles, where the next one overwrites it, or into the slack.
 */
import { bytesOf, splat } from './lanes.ts'
import { workspace } from './packing.ts'

const HALF: f32 = 0.5

/** Rows `from` to `end` of U; weights wRow and wColumn filters of nine apart; `turned` by 180 degrees. */
export function winogradWeights(
  u: usize, // (16, rows, columns)
  weight: usize,
  from: i32,
  end: i32,
  columns: i32,
  wRow: i32,
  wColumn: i32,
  turned: bool,
  kStride: i32,
): void {
  const k = bytesOf(kStride)
  const step: usize = turned ? -4 : 4
  for (let r = from; r < end; r++) {
    for (let c = 0; c < columns; c++) {
      const first = weight + bytesOf((r * wRow + c * wColumn) * 9) + (turned ? 32 : 0)
      const out = u + bytesOf(r * columns + c)
      const w0 = load<f32>(first)
      const w1 = load<f32>(first + step)
      const w2 = load<f32>(first + 2 * step)
      const w3 = load<f32>(first + 3 * step)
      const w4 = load<f32>(first + 4 * step)
      const w5 = load<f32>(first + 5 * step)
      const w6 = load<f32>(first + 6 * step)
      const w7 = load<f32>(first + 7 * step)
      const w8 = load<f32>(first + 8 * step)
      storeRow(out, k, w0, w1, w2)
      storeRow(out + 4 * k, k, HALF * (w0 + w6 + w3), HALF * (w1 + w7 + w4), HALF * (w2 + w8 + w5))
      storeRow(out + 8 * k, k, HALF * (w0 + w6 - w3), HALF * (w1 + w7 - w4), HALF * (w2 + w8 - w5))
      storeRow(out + 12 * k, k, w6, w7, w8)
    }
  }
}

/** A row of (G w) G^T from one of G w. */
@inline
function storeRow(to: usize, k: usize, t0: f32, t1: f32, t2: f32): void {
  store<f32>(to, t0)
  store<f32>(to + k, HALF * (t0 + t2 + t1))
  store<f32>(to + 2 * k, HALF * (t0 + t2 - t1))
  store<f32>(to + 3 * k, t2)
}

/** From U = G w G^T:  dw += G^T dU G, for rows `from` to `end`. */
export function winogradWeightGradient(
  dweight: usize, // (rows, columns, 9)
  du: usize, // (16, rows, columns)
  from: i32,
  end: i32,
  columns: i32,
  kStride: i32,
): void {
  const k = bytesOf(kStride)
  for (let at = from * columns; at < end * columns; at++) {
    const first = du + bytesOf(at)
    const out = dweight + bytesOf(at * 9)
    for (let i = 0; i < 3; i++) {
      const u0 = columnOfGradient(first, i, k)
      const u1 = columnOfGradient(first + k, i, k)
      const u2 = columnOfGradient(first + 2 * k, i, k)
      const u3 = columnOfGradient(first + 3 * k, i, k)
      const to = out + bytesOf(3 * i)
      store<f32>(to, load<f32>(to) + (u0 + HALF * (u1 + u2)))
      store<f32>(to + 4, load<f32>(to + 4) + HALF * (u1 - u2))
      store<f32>(to + 8, load<f32>(to + 8) + (HALF * (u1 + u2) + u3))
    }
  }
}

/** Row i of G^T dU, at a column. */
@inline
function columnOfGradient(from: usize, i: i32, k: usize): f32 {
  const u1 = load<f32>(from + 4 * k)
  const u2 = load<f32>(from + 8 * k)
  if (i == 0) return load<f32>(from) + HALF * (u1 + u2)
  return i == 1 ? HALF * (u1 - u2) : HALF * (u1 + u2) + load<f32>(from + 12 * k)
}

/** Numbers of a row of the padded plane: those of whole vectors of tiles, and the two beyond. */
@inline
function planeWidth(TW: i32): i32 {
  return 2 * ((TW + 3) & ~3) + 4
}

/** The rows of an image that some rows of tiles read, in the workspace; around it the plane is zero. */
@inline
function fillPlane(x: usize, first: i32, rows: i32, H: i32, W: i32, pW: i32, width: i32): void {
  const plane = workspace()
  for (let row = max(0, -first); row < rows && first + row < H; row++) {
    const to = plane + bytesOf(row * width + pW)
    const from = x + bytesOf((first + row) * W)
    let i: usize = 0
    const end = bytesOf(W)
    for (; i + 16 <= end; i += 16) v128.store(to + i, v128.load(from + i))
    for (; i < end; i += 4) store<f32>(to + i, load<f32>(from + i))
  }
}

@inline
function evens(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 0, 2, 4, 6)
}

@inline
function odds(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 1, 3, 5, 7)
}

/** Rows rFrom to rEnd of V = B^T x B. */
export function winogradInput(
  v: usize, // (16, channels, row)
  x: usize, // (images, channels, H, W)
  images: i32,
  channels: i32,
  thFrom: i32,
  thEnd: i32,
  rFrom: i32,
  rEnd: i32,
  kStride: i32,
  row: i32,
  H: i32,
  W: i32,
  pH: i32,
  pW: i32,
  TW: i32,
): void {
  const width = planeWidth(TW)
  const rows = 2 * (thEnd - thFrom) + 2
  const k = bytesOf(kStride)
  memory.fill(workspace(), 0, bytesOf(rows * width))
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      fillPlane(x, 2 * thFrom - pH, rows, H, W, pW, width)
      const out = v + bytesOf(c * row + n * (thEnd - thFrom) * TW)
      for (let r = rFrom; r < rEnd; r++) {
        const to = out + <usize>(4 * r) * k
        if (r == 0) transformRow(to, 0, thEnd - thFrom, k, TW)
        else if (r == 1) transformRow(to, 1, thEnd - thFrom, k, TW)
        else if (r == 2) transformRow(to, 2, thEnd - thFrom, k, TW)
        else transformRow(to, 3, thEnd - thFrom, k, TW)
      }
      x += bytesOf(H * W)
    }
  }
}

/** Row r of B^T x B for all tiles of the plane: r is known where it is compiled. */
@inline
function transformRow(out: usize, r: i32, tileRows: i32, k: usize, TW: i32): void {
  const width = bytesOf(planeWidth(TW))
  let upper = workspace() + (r == 0 ? 0 : r == 2 ? 2 * width : width)
  let lower = workspace() + (r == 2 ? width : r == 3 ? 3 * width : 2 * width)
  for (let th = 0; th < tileRows; th++) {
    for (let tw = 0; tw < TW; tw += 4) {
      const a = upper + bytesOf(2 * tw)
      const b = lower + bytesOf(2 * tw)
      const low = rowOfInput(r, v128.load(a), v128.load(b))
      const high = rowOfInput(r, v128.load(a, 16), v128.load(b, 16))
      const nextLow = rowOfInput(r, v128.load(a, 8), v128.load(b, 8))
      const nextHigh = rowOfInput(r, v128.load(a, 24), v128.load(b, 24))
      const x1 = odds(low, high)
      const x2 = evens(nextLow, nextHigh)
      const to = out + bytesOf(tw)
      v128.store(to, f32x4.sub(evens(low, high), x2))
      v128.store(to + k, f32x4.add(x1, x2))
      v128.store(to + 2 * k, f32x4.sub(x2, x1))
      v128.store(to + 3 * k, f32x4.sub(x1, odds(nextLow, nextHigh)))
    }
    out += bytesOf(TW)
    upper += 2 * width
    lower += 2 * width
  }
}

/** Of B^T x: x0 - x2, x1 + x2, x2 - x1, x1 - x3. */
@inline
function rowOfInput(r: i32, a: v128, b: v128): v128 {
  return r == 1 ? f32x4.add(a, b) : f32x4.sub(a, b)
}

/** y = A^T M A, and the bias where there is one. */
export function winogradOutput(
  y: usize, // (images, channels, OH, OW)
  m: usize, // (16, channels, row)
  bias: usize, // (channels), or 0
  images: i32,
  channels: i32,
  thFrom: i32,
  thEnd: i32,
  kStride: i32,
  row: i32,
  OH: i32,
  OW: i32,
  TW: i32,
): void {
  const k = bytesOf(kStride)
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const shift = splat(bias ? load<f32>(bias + bytesOf(c)) : 0)
      let from = m + bytesOf(c * row + n * (thEnd - thFrom) * TW)
      for (let th = thFrom; th < thEnd; th++) {
        const to = y + bytesOf(2 * th * OW)
        const hasLower = 2 * th + 1 < OH
        for (let tw = 0; tw < TW; tw += 4) {
          const at = from + bytesOf(tw)
          // Two rows of A^T M, a column at a time, each joined to y = (A^T M) A as it comes.
          let m1 = v128.load(at + 4 * k)
          let m2 = v128.load(at + 8 * k)
          let u0 = f32x4.add(f32x4.add(v128.load(at), m1), m2)
          let l0 = f32x4.sub(f32x4.sub(m1, m2), v128.load(at + 12 * k))
          m1 = v128.load(at + 5 * k)
          m2 = v128.load(at + 9 * k)
          const u1 = f32x4.add(f32x4.add(v128.load(at + k), m1), m2)
          const l1 = f32x4.sub(f32x4.sub(m1, m2), v128.load(at + 13 * k))
          m1 = v128.load(at + 6 * k)
          m2 = v128.load(at + 10 * k)
          const u2 = f32x4.add(f32x4.add(v128.load(at + 2 * k), m1), m2)
          const l2 = f32x4.sub(f32x4.sub(m1, m2), v128.load(at + 14 * k))
          m1 = v128.load(at + 7 * k)
          m2 = v128.load(at + 11 * k)
          const u3 = f32x4.add(f32x4.add(v128.load(at + 3 * k), m1), m2)
          const l3 = f32x4.sub(f32x4.sub(m1, m2), v128.load(at + 15 * k))
          u0 = f32x4.add(f32x4.add(u0, u1), u2)
          l0 = f32x4.add(f32x4.add(l0, l1), l2)
          const u = f32x4.sub(f32x4.sub(u1, u2), u3)
          const l = f32x4.sub(f32x4.sub(l1, l2), l3)
          const out = to + bytesOf(2 * tw)
          const left = min(8, OW - 2 * tw)
          storeInTurn(out, f32x4.add(u0, shift), f32x4.add(u, shift), left)
          if (hasLower) storeInTurn(out + bytesOf(OW), f32x4.add(l0, shift), f32x4.add(l, shift), left)
        }
        from += bytesOf(TW)
      }
      y += bytesOf(OH * OW)
    }
  }
}

/** The first `count` of eight numbers that come from two vectors in turn. */
@inline
function storeInTurn(to: usize, even: v128, odd: v128, count: i32): void {
  const low = i32x4.shuffle(even, odd, 0, 4, 1, 5)
  const high = i32x4.shuffle(even, odd, 2, 6, 3, 7)
  if (count == 8) {
    v128.store(to, low)
    v128.store(to, high, 16)
    return
  }
  const all = workspace() // free: no plane is in use
  v128.store(all, low)
  v128.store(all, high, 16)
  for (let i: usize = 0, end = bytesOf(count); i < end; i += 4) store<f32>(to + i, load<f32>(all + i))
}

/** From y = A^T M A:  rows rFrom to rEnd of dM = A dy A^T. */
export function winogradOutputGradient(
  dm: usize, // (16, channels, row)
  dy: usize, // (images, channels, OH, OW)
  images: i32,
  channels: i32,
  thFrom: i32,
  thEnd: i32,
  rFrom: i32,
  rEnd: i32,
  kStride: i32,
  row: i32,
  OH: i32,
  OW: i32,
  TW: i32,
): void {
  const width = planeWidth(TW)
  const rows = 2 * (thEnd - thFrom)
  const k = bytesOf(kStride)
  memory.fill(workspace(), 0, bytesOf(rows * width))
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      fillPlane(dy, 2 * thFrom, rows, OH, OW, 0, width)
      const out = dm + bytesOf(c * row + n * (thEnd - thFrom) * TW)
      for (let r = rFrom; r < rEnd; r++) {
        const to = out + <usize>(4 * r) * k
        if (r == 0) spreadRow(to, 0, thEnd - thFrom, k, TW)
        else if (r == 1) spreadRow(to, 1, thEnd - thFrom, k, TW)
        else if (r == 2) spreadRow(to, 2, thEnd - thFrom, k, TW)
        else spreadRow(to, 3, thEnd - thFrom, k, TW)
      }
      dy += bytesOf(OH * OW)
    }
  }
}

/** Row r of A dy A^T for all tiles of the plane: r is known where it is compiled. */
@inline
function spreadRow(out: usize, r: i32, tileRows: i32, k: usize, TW: i32): void {
  const width = bytesOf(planeWidth(TW))
  let upper = workspace()
  for (let th = 0; th < tileRows; th++) {
    for (let tw = 0; tw < TW; tw += 4) {
      const a = upper + bytesOf(2 * tw)
      const low = rowOfGradient(r, a, a + width)
      const high = rowOfGradient(r, a + 16, a + width + 16)
      const even = evens(low, high)
      const odd = odds(low, high)
      const to = out + bytesOf(tw)
      v128.store(to, even)
      v128.store(to + k, f32x4.add(even, odd))
      v128.store(to + 2 * k, f32x4.sub(even, odd))
      v128.store(to + 3 * k, f32x4.neg(odd))
    }
    out += bytesOf(TW)
    upper += 2 * width
  }
}

/** Of A dy: dy0, dy0 + dy1, dy0 - dy1, -dy1. */
@inline
function rowOfGradient(r: i32, a: usize, b: usize): v128 {
  if (r == 0) return v128.load(a)
  if (r == 1) return f32x4.add(v128.load(a), v128.load(b))
  if (r == 2) return f32x4.sub(v128.load(a), v128.load(b))
  return f32x4.neg(v128.load(b))
}
