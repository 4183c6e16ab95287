/**
 * @file What attention does between its matrix products, on the scores of a block of queries. Rows follow
 * each other, `keys` long; under a causal mask row r looks at the first `first` + r + 1 of them, and the
 * others are zero.
 */
import { draw, word0, word1, word2, word3 } from './dropout.ts'
import { expOf } from './exp.ts'
import { bytesOf, joinPartials, loadPart, splat, storePart } from './lanes.ts'
import { divideRow, largestOf } from './softmax.ts'
import { dot } from './sums.ts'

@inline
function countOf(keys: i32, first: i32, r: i32, isCausal: bool): i32 {
  return isCausal ? first + r + 1 : keys
}

@inline
function clearRest(row: usize, count: i32, keys: i32): void {
  if (count < keys) memory.fill(row + bytesOf(count), 0, bytesOf(keys - count))
}

/** -Infinity where the key is padding. */
function hidePadding(row: usize, tokens: usize, token: f32, count: i32): void {
  const least = splat(-Infinity)
  let i: usize = 0
  const end = bytesOf(count)
  for (; i + 16 <= end; i += 16) {
    const isPadding = f32x4.eq(v128.load(tokens + i), splat(token))
    v128.store(row + i, v128.bitselect(least, v128.load(row + i), isPadding))
  }
  for (; i < end; i += 4) if (load<f32>(tokens + i) == token) store<f32>(row + i, -Infinity)
}

@inline
function exponentialOf(x: v128, scale: v128, max: v128): v128 {
  return expOf(f32x4.sub(f32x4.mul(x, scale), max))
}

/** x = exp(x * scale - max) along a row; returns the sum, of sixteen partials by place. */
function exponentials(x: usize, scale: v128, max: v128, n: i32): f32 {
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    const e0 = exponentialOf(v128.load(x + i), scale, max)
    v128.store(x + i, e0)
    a = f32x4.add(a, e0)
    const e1 = exponentialOf(v128.load(x + i, 16), scale, max)
    v128.store(x + i, e1, 16)
    b = f32x4.add(b, e1)
    const e2 = exponentialOf(v128.load(x + i, 32), scale, max)
    v128.store(x + i, e2, 32)
    c = f32x4.add(c, e2)
    const e3 = exponentialOf(v128.load(x + i, 48), scale, max)
    v128.store(x + i, e3, 48)
    d = f32x4.add(d, e3)
  }
  for (let part = 0; i < end; part++, i += 16) {
    const left = <i32>((end - i) >> 2)
    const isWhole = left >= 4
    // Lanes beyond the row: exp(-infinity) adds nothing.
    const value = isWhole ? v128.load(x + i) : loadPart(x + i, left, -Infinity)
    const e = exponentialOf(value, scale, max)
    if (isWhole) v128.store(x + i, e)
    else storePart(x + i, e, left)
    if (part == 0) a = f32x4.add(a, e)
    else if (part == 1) b = f32x4.add(b, e)
    else if (part == 2) c = f32x4.add(c, e)
    else d = f32x4.add(d, e)
  }
  return joinPartials(a, b, c, d)
}

/** Scores into looks, row by row, p = softmax(scores * scale); where all is padding, zeros. */
export function attentionLooks(
  p: usize, // (rows, keys), scores on the way in
  stats: usize, // (rows, 2): largest score and sum, saved
  rows: i32,
  keys: i32,
  first: i32,
  isCausal: bool,
  scale: f32,
  tokens: usize, // (keys), or 0
  token: f32,
): void {
  for (let r = 0; r < rows; r++) {
    const count = countOf(keys, first, r, isCausal)
    if (tokens) hidePadding(p, tokens, token, count)
    let max = largestOf(p, count) * scale
    if (max == -Infinity) max = 0
    let sum = exponentials(p, splat(scale), splat(max), count)
    if (sum == 0) sum = 1
    divideRow(p, sum, count)
    clearRest(p, count, keys)
    store<f32>(stats, max)
    store<f32>(stats, sum, 4)
    stats += 8
    p += bytesOf(keys)
  }
}

/** The same once more, to the bit, from what was saved. */
export function attentionLooksAgain(
  p: usize, // (rows, keys), scores on the way in
  stats: usize, // (rows, 2)
  rows: i32,
  keys: i32,
  first: i32,
  isCausal: bool,
  scale: f32,
  tokens: usize, // (keys), or 0
  token: f32,
): void {
  const factor = splat(scale)
  for (let r = 0; r < rows; r++) {
    const count = countOf(keys, first, r, isCausal)
    if (tokens) hidePadding(p, tokens, token, count)
    const max = v128.load32_splat(stats)
    const sum = v128.load32_splat(stats, 4)
    let i: usize = 0
    const end = bytesOf(count)
    for (; i + 16 <= end; i += 16) {
      v128.store(p + i, f32x4.div(exponentialOf(v128.load(p + i), factor, max), sum))
    }
    if (i < end) {
      const left = <i32>((end - i) >> 2)
      const e = exponentialOf(loadPart(p + i, left, 0), factor, max)
      storePart(p + i, f32x4.div(e, sum), left)
    }
    clearRest(p, count, keys)
    stats += 8
    p += bytesOf(keys)
  }
}

/** ds = p * (dp - dy y) * scale, where dy y is the product of the rows of one query. */
export function attentionSlopes(
  ds: usize, // (rows, keys), dp on the way in
  p: usize, // (rows, keys)
  dy: usize, // (rows, D), width apart
  y: usize, // (rows, D), width apart
  rows: i32,
  keys: i32,
  first: i32,
  isCausal: bool,
  scale: f32,
  D: i32,
  width: i32,
): void {
  const factor = splat(scale)
  for (let r = 0; r < rows; r++) {
    const count = countOf(keys, first, r, isCausal)
    const along = dot(dy, y, D)
    let i: usize = 0
    const end = bytesOf(count)
    for (; i + 16 <= end; i += 16) {
      const change = f32x4.sub(v128.load(ds + i), splat(along))
      v128.store(ds + i, f32x4.mul(f32x4.mul(v128.load(p + i), change), factor))
    }
    for (; i < end; i += 4) {
      store<f32>(ds + i, load<f32>(p + i) * (load<f32>(ds + i) - along) * scale)
    }
    clearRest(ds, count, keys)
    ds += bytesOf(keys)
    p += bytesOf(keys)
    dy += bytesOf(width)
    y += bytesOf(width)
  }
}

/** x = x * mask; each row has whole blocks of the stream, `rowBlocks` of them. */
export function attentionDropout(
  x: usize, // (rows, keys)
  rows: i32,
  keys: i32,
  firstBlock: u32,
  rowBlocks: u32,
  threshold: f64,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
): void {
  for (let r = 0; r < rows; r++) {
    let block = firstBlock + <u32>r * rowBlocks
    for (let s = 0; s < keys; s += 4) {
      draw(block++, step, stream, seedLow, seedHigh)
      keepOrDrop(x, word0, threshold, scale)
      if (s + 1 < keys) keepOrDrop(x + 4, word1, threshold, scale)
      if (s + 2 < keys) keepOrDrop(x + 8, word2, threshold, scale)
      if (s + 3 < keys) keepOrDrop(x + 12, word3, threshold, scale)
      x += bytesOf(min(4, keys - s))
    }
  }
}

@inline
function keepOrDrop(x: usize, word: u32, threshold: f64, scale: f32): void {
  const factor: f32 = <f64>word < threshold ? 0 : scale
  store<f32>(x, load<f32>(x) * factor)
}
