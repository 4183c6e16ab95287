/**
 * @file Pooling, plane by plane. Windows of 2 x 2 side by side, the usual ones, take eight pixels of two
 * rows at a time; all others go pixel by pixel. What each computes stands with the reference.
 */
import { bytesOf, splat } from './lanes.ts'
import { sum } from './sums.ts'

@inline
function isHalving(kH: i32, kW: i32, sH: i32, sW: i32, pH: i32, pW: i32): bool {
  return kH == 2 && kW == 2 && sH == 2 && sW == 2 && pH == 0 && pW == 0
}

/** Of eight neighbors, those at even places, and those at odd ones. */
@inline
function evens(x: usize): v128 {
  return i32x4.shuffle(v128.load(x), v128.load(x, 16), 0, 2, 4, 6)
}

@inline
function odds(x: usize): v128 {
  return i32x4.shuffle(v128.load(x), v128.load(x, 16), 1, 3, 5, 7)
}

/** The other way. */
@inline
function storeInTurn(x: usize, even: v128, odd: v128): void {
  v128.store(x, i32x4.shuffle(even, odd, 0, 4, 1, 5))
  v128.store(x, i32x4.shuffle(even, odd, 2, 6, 3, 7), 16)
}

export function maxPoolForward(
  y: usize, // (planes, OH, OW)
  x: usize, // (planes, H, W)
  planes: i32,
  H: i32,
  W: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  OH: i32,
  OW: i32,
): void {
  const halves = isHalving(kH, kW, sH, sW, pH, pW)
  const wide = halves ? OW & ~3 : 0 // the outputs of a row that are computed four by four
  for (let plane = 0; plane < planes; plane++) {
    for (let oh = 0; oh < OH; oh++) {
      const top = max(oh * sH - pH, 0)
      const bottom = min(oh * sH - pH + kH, H)
      const first = x + bytesOf(top * W)
      const second = first + bytesOf(W)
      for (let ow = 0; ow < wide; ow += 4) {
        const at = bytesOf(2 * ow)
        const upper = f32x4.max(evens(first + at), odds(first + at))
        const lower = f32x4.max(evens(second + at), odds(second + at))
        v128.store(y + bytesOf(ow), f32x4.max(upper, lower))
      }
      for (let ow = wide; ow < OW; ow++) {
        const left = max(ow * sW - pW, 0)
        const right = min(ow * sW - pW + kW, W)
        let largest: f32 = -Infinity
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) {
            largest = max(largest, load<f32>(x + bytesOf(h * W + w)))
          }
        }
        store<f32>(y + bytesOf(ow), largest)
      }
      y += bytesOf(OW)
    }
    x += bytesOf(H * W)
  }
}

export function maxPoolBackward(
  dx: usize, // (planes, H, W)
  dy: usize, // (planes, OH, OW)
  y: usize, // (planes, OH, OW)
  x: usize, // (planes, H, W)
  planes: i32,
  H: i32,
  W: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  OH: i32,
  OW: i32,
): void {
  const halves = isHalving(kH, kW, sH, sW, pH, pW)
  const wide = halves ? OW & ~3 : 0
  const coversAll = halves && 2 * OW == W && 2 * OH == H && wide == OW
  for (let plane = 0; plane < planes; plane++) {
    if (!coversAll) memory.fill(dx, 0, bytesOf(H * W))
    for (let oh = 0; oh < OH; oh++) {
      const top = max(oh * sH - pH, 0)
      const bottom = min(oh * sH - pH + kH, H)
      const upper = bytesOf(top * W)
      for (let ow = 0; ow < wide; ow += 4) {
        halve(dx + upper + bytesOf(2 * ow), x + upper + bytesOf(2 * ow), dy + bytesOf(ow), y + bytesOf(ow), W)
      }
      for (let ow = wide; ow < OW; ow++) {
        const left = max(ow * sW - pW, 0)
        const right = min(ow * sW - pW + kW, W)
        const at = firstEqual(x, load<f32>(y + bytesOf(ow)), W, top, bottom, left, right)
        if (at >= 0) {
          const to = dx + bytesOf(at)
          store<f32>(to, load<f32>(to) + load<f32>(dy + bytesOf(ow)))
        }
      }
      y += bytesOf(OW)
      dy += bytesOf(OW)
    }
    x += bytesOf(H * W)
    dx += bytesOf(H * W)
  }
}

/** Four windows: each gradient goes to the first pixel that equals the maximum, the others get zero. */
@inline
function halve(dx: usize, x: usize, dy: usize, y: usize, W: i32): void {
  const row = bytesOf(W)
  const largest = v128.load(y)
  let left = v128.load(dy)
  const upperEven = v128.and(left, f32x4.eq(evens(x), largest))
  left = v128.andnot(left, f32x4.eq(evens(x), largest))
  const upperOdd = v128.and(left, f32x4.eq(odds(x), largest))
  left = v128.andnot(left, f32x4.eq(odds(x), largest))
  const lowerEven = v128.and(left, f32x4.eq(evens(x + row), largest))
  left = v128.andnot(left, f32x4.eq(evens(x + row), largest))
  const lowerOdd = v128.and(left, f32x4.eq(odds(x + row), largest))
  storeInTurn(dx, upperEven, upperOdd)
  storeInTurn(dx + row, lowerEven, lowerOdd)
}

/** The place in the plane, or -1 where a NaN equals nothing. */
function firstEqual(
  x: usize,
  value: f32,
  W: i32,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
): i32 {
  for (let h = top; h < bottom; h++) {
    for (let w = left; w < right; w++) {
      if (load<f32>(x + bytesOf(h * W + w)) == value) return h * W + w
    }
  }
  return -1
}

export function averagePoolForward(
  y: usize, // (planes, OH, OW)
  x: usize, // (planes, H, W)
  planes: i32,
  H: i32,
  W: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  OH: i32,
  OW: i32,
): void {
  const count = <f32>(kH * kW)
  const wide = isHalving(kH, kW, sH, sW, pH, pW) ? OW & ~3 : 0
  for (let plane = 0; plane < planes; plane++) {
    for (let oh = 0; oh < OH; oh++) {
      const top = max(oh * sH - pH, 0)
      const bottom = min(oh * sH - pH + kH, H)
      const first = x + bytesOf(top * W)
      const second = first + bytesOf(W)
      for (let ow = 0; ow < wide; ow += 4) {
        const at = bytesOf(2 * ow)
        // From left to right, row by row, as below.
        let total = f32x4.add(evens(first + at), odds(first + at))
        total = f32x4.add(f32x4.add(total, evens(second + at)), odds(second + at))
        v128.store(y + bytesOf(ow), f32x4.div(total, splat(count)))
      }
      for (let ow = wide; ow < OW; ow++) {
        const left = max(ow * sW - pW, 0)
        const right = min(ow * sW - pW + kW, W)
        let total: f32 = 0
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) total += load<f32>(x + bytesOf(h * W + w))
        }
        store<f32>(y + bytesOf(ow), total / count)
      }
      y += bytesOf(OW)
    }
    x += bytesOf(H * W)
  }
}

export function averagePoolBackward(
  dx: usize, // (planes, H, W)
  dy: usize, // (planes, OH, OW)
  planes: i32,
  H: i32,
  W: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  OH: i32,
  OW: i32,
): void {
  const count = <f32>(kH * kW)
  for (let plane = 0; plane < planes; plane++) {
    memory.fill(dx, 0, bytesOf(H * W))
    for (let oh = 0; oh < OH; oh++) {
      const top = max(oh * sH - pH, 0)
      const bottom = min(oh * sH - pH + kH, H)
      for (let ow = 0; ow < OW; ow++) {
        const left = max(ow * sW - pW, 0)
        const right = min(ow * sW - pW + kW, W)
        const share = load<f32>(dy) / count
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) {
            const at = dx + bytesOf(h * W + w)
            store<f32>(at, load<f32>(at) + share)
          }
        }
        dy += 4
      }
    }
    dx += bytesOf(H * W)
  }
}

export function meanForward(y: usize, x: usize, rows: i32, size: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(y + bytesOf(r), sum(x, size) / <f32>size)
    x += bytesOf(size)
  }
}

export function meanBackward(dx: usize, dy: usize, rows: i32, size: i32): void {
  for (let r = 0; r < rows; r++) {
    const share = load<f32>(dy + bytesOf(r)) / <f32>size
    for (let i: usize = 0, end = bytesOf(size); i < end; i += 4) store<f32>(dx + i, share)
    dx += bytesOf(size)
  }
}
