/**
 * @file What a convolution needs beside matrix products: the windows of an image as the columns of a
 * matrix and back, a bias at every place, and the products of one filter with one channel.
 *
 *   columns (I * kH * kW, places)   row (i, kh, kw) holds what that weight meets at each place
 *
 * Rows of columns and rows of places are given by where they begin and end, so that threads can share
 * an image. What lies beyond the image is zero.
 */
import { addProduct, bytesOf, splat } from './lanes.ts'
import { dot, sum } from './sums.ts'

/** n floats; the last vector may be copied twice over. */
@inline
function copyRun(to: usize, from: usize, n: i32): void {
  if (n < 4) {
    for (let i: usize = 0, end = bytesOf(n); i < end; i += 4) {
      store<f32>(to + i, load<f32>(from + i))
    }
    return
  }
  const last = bytesOf(n - 4)
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i))
  v128.store(to + last, v128.load(from + last))
}

@inline
function addRun(to: usize, from: usize, n: i32): void {
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 16 <= end; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)))
  }
  for (; i < end; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i))
}

@inline
function clearRun(to: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 4) store<f32>(to + i, 0)
}

/**
 * The first of the places at which a window's column `k` lies within the image, and the first beyond. It
 * may lie within it at none: then both are the same.
 */
@inline
function firstInside(k: i32, step: i32, padding: i32, places: i32): i32 {
  return k >= padding ? 0 : min(places, (padding - k + step - 1) / step)
}

@inline
function endInside(k: i32, step: i32, padding: i32, size: i32, places: i32): i32 {
  const last = size - 1 + padding - k // of the pixels that column k meets, in units of one
  return last < 0 ? 0 : min(places, last / step + 1)
}

/** columns[k, place] = x[pixel that row k's weight meets there], for rows kFrom to kEnd. */
export function gatherColumns(
  columns: usize, // (kEnd - kFrom, (ohEnd - ohFrom) * OW)
  x: usize, // (channels, H, W)
  kFrom: i32,
  kEnd: i32,
  ohFrom: i32,
  ohEnd: i32,
  H: i32,
  W: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  OW: i32,
): void {
  const row = bytesOf(OW)
  for (let k = kFrom; k < kEnd; k++) {
    const kw = k % kW
    const kh = (k / kW) % kH
    const plane = x + bytesOf(k / (kW * kH)) * <usize>(H * W)
    const first = firstInside(kw, sW, pW, OW)
    const end = max(first, endInside(kw, sW, pW, W, OW))
    for (let oh = ohFrom; oh < ohEnd; oh++) {
      const h = oh * sH + kh - pH
      if (h < 0 || h >= H) clearRun(columns, OW)
      else {
        clearRun(columns, first)
        const to = columns + bytesOf(first)
        const from = plane + bytesOf(h * W + first * sW + kw - pW)
        if (sW == 1) copyRun(to, from, end - first)
        else copyStrided(to, from, end - first, sW)
        clearRun(columns + bytesOf(end), OW - end)
      }
      columns += row
    }
  }
}

function copyStrided(to: usize, from: usize, n: i32, step: i32): void {
  for (let i = 0; i < n; i++) store<f32>(to + bytesOf(i), load<f32>(from + bytesOf(i * step)))
}

/** dx[pixel] = the sum of columns[k, place] over the weights k that meet it, in their order. */
export function scatterColumns(
  dx: usize, // (channels, H, W)
  columns: usize, // (channels * kH * kW, OH * OW)
  channels: i32,
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
  const row = bytesOf(OW)
  for (let i = 0; i < channels; i++) {
    memory.fill(dx, 0, bytesOf(H * W))
    for (let kh = 0; kh < kH; kh++) {
      for (let kw = 0; kw < kW; kw++) {
        const first = firstInside(kw, sW, pW, OW)
        const end = max(first, endInside(kw, sW, pW, W, OW))
        for (let oh = 0; oh < OH; oh++) {
          const h = oh * sH + kh - pH
          if (h >= 0 && h < H) {
            const to = dx + bytesOf(h * W + first * sW + kw - pW)
            const from = columns + bytesOf(first)
            if (sW == 1) addRun(to, from, end - first)
            else addStrided(to, from, end - first, sW)
          }
          columns += row
        }
      }
    }
    dx += bytesOf(H * W)
  }
}

function addStrided(to: usize, from: usize, n: i32, step: i32): void {
  for (let i = 0; i < n; i++) {
    const at = to + bytesOf(i * step)
    store<f32>(at, load<f32>(at) + load<f32>(from + bytesOf(i)))
  }
}

/** y[o, :] = b[o], for `count` places of rows that are `size` long. */
export function fillPlanes(y: usize, bias: usize, O: i32, count: i32, size: i32): void {
  const end = bytesOf(count)
  for (let o = 0; o < O; o++) {
    const value = load<f32>(bias + bytesOf(o))
    const lanes = splat(value)
    let i: usize = 0
    for (; i + 16 <= end; i += 16) v128.store(y + i, lanes)
    for (; i < end; i += 4) store<f32>(y + i, value)
    y += bytesOf(size)
  }
}

/** db[o] += the sum of each image's plane o, for planes `from` to `end` of O. */
export function addPlaneSums(
  dbias: usize, // (O)
  dy: usize, // (images, O, size)
  images: i32,
  from: i32,
  end: i32,
  O: i32,
  size: i32,
): void {
  for (let n = 0; n < images; n++) {
    for (let o = from; o < end; o++) {
      const at = dbias + bytesOf(o)
      store<f32>(at, load<f32>(at) + sum(dy + bytesOf(o) * <usize>size, size))
    }
    dy += bytesOf(O) * <usize>size
  }
}

/** out[c, r] += x[r, c]; rows of out are `width` long. */
export function addTransposed(out: usize, x: usize, rows: i32, columns: i32, width: i32): void {
  for (let c = 0; c < columns; c++) {
    let from = x + bytesOf(c)
    for (let r: usize = 0, end = bytesOf(rows); r < end; r += 4) {
      store<f32>(out + r, load<f32>(out + r) + load<f32>(from))
      from += bytesOf(columns)
    }
    out += bytesOf(width)
  }
}

/** One filter on one channel: y[p] = the sum of weight[k] * columns[k, p] in order of k, and the bias. */
export function combineRows(
  y: usize, // (count)
  columns: usize, // (K, count)
  weight: usize, // (K)
  bias: usize, // (1), or 0
  K: i32,
  count: i32,
): void {
  const start: f32 = bias ? load<f32>(bias) : 0
  const row = bytesOf(count)
  let i: usize = 0
  for (; i + 16 <= row; i += 16) {
    let lanes = splat(0)
    let from = columns + i
    for (let k = 0; k < K; k++) {
      lanes = addProduct(lanes, v128.load32_splat(weight + bytesOf(k)), v128.load(from))
      from += row
    }
    v128.store(y + i, f32x4.add(splat(start), lanes))
  }
  for (; i < row; i += 4) {
    let total: f32 = 0
    let from = columns + i
    for (let k = 0; k < K; k++) {
      total += load<f32>(weight + bytesOf(k)) * load<f32>(from)
      from += row
    }
    store<f32>(y + i, start + total)
  }
}

/** Its gradient by the columns: columns[k, p] = weight[k] * dy[p]. */
export function spreadRows(
  columns: usize, // (K, count)
  dy: usize, // (count)
  weight: usize, // (K)
  K: i32,
  count: i32,
): void {
  const row = bytesOf(count)
  for (let k = 0; k < K; k++) {
    const value = load<f32>(weight + bytesOf(k))
    let i: usize = 0
    for (; i + 16 <= row; i += 16) {
      v128.store(columns + i, f32x4.mul(splat(value), v128.load(dy + i)))
    }
    for (; i < row; i += 4) store<f32>(columns + i, value * load<f32>(dy + i))
    columns += row
  }
}

/** And by the weight: dweight[k] += the sum of columns[k, p] * dy[p]. */
export function addRowProducts(
  dweight: usize, // (K)
  columns: usize, // (K, count)
  dy: usize, // (count)
  K: i32,
  count: i32,
): void {
  for (let k = 0; k < K; k++) {
    const at = dweight + bytesOf(k)
    store<f32>(at, load<f32>(at) + dot(columns, dy, count))
    columns += bytesOf(count)
  }
}
