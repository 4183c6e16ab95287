/**
 * @file Sums over whole arrays, rows and columns, each in its canonical order (docs/numerics.md).
 */
import { addProduct, bytesOf, joinPartials, loadPart, splat } from './lanes.ts'

/** Sixteen partials by place modulo 16, then joined. */
export function sum(x: usize, n: i32): f32 {
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    a = f32x4.add(a, v128.load(x + i))
    b = f32x4.add(b, v128.load(x + i, 16))
    c = f32x4.add(c, v128.load(x + i, 32))
    d = f32x4.add(d, v128.load(x + i, 48))
  }
  for (let part = 0; i < end; part++, i += 16) {
    const value = i + 16 <= end ? v128.load(x + i) : loadPart(x + i, <i32>((end - i) >> 2), 0)
    if (part == 0) a = f32x4.add(a, value)
    else if (part == 1) b = f32x4.add(b, value)
    else if (part == 2) c = f32x4.add(c, value)
    else d = f32x4.add(d, value)
  }
  return joinPartials(a, b, c, d)
}

/** The same of x * y. */
export function dot(x: usize, y: usize, n: i32): f32 {
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    a = addProduct(a, v128.load(x + i), v128.load(y + i))
    b = addProduct(b, v128.load(x + i, 16), v128.load(y + i, 16))
    c = addProduct(c, v128.load(x + i, 32), v128.load(y + i, 32))
    d = addProduct(d, v128.load(x + i, 48), v128.load(y + i, 48))
  }
  for (let part = 0; i < end; part++, i += 16) {
    const isWhole = i + 16 <= end
    const u = isWhole ? v128.load(x + i) : loadPart(x + i, <i32>((end - i) >> 2), 0)
    const v = isWhole ? v128.load(y + i) : loadPart(y + i, <i32>((end - i) >> 2), 0)
    if (part == 0) a = addProduct(a, u, v)
    else if (part == 1) b = addProduct(b, u, v)
    else if (part == 2) c = addProduct(c, u, v)
    else d = addProduct(d, u, v)
  }
  return joinPartials(a, b, c, d)
}

/** The rows of a block whose sums are joined as one. */
const BLOCK: i32 = 256

/** out[i] += the sum over rows of x[r, i], in blocks of 256 rows; for `columns` columns of `width`. */
export function addColumnSums(out: usize, x: usize, rows: i32, columns: i32, width: i32): void {
  const row = bytesOf(width)
  for (let start = 0; start < rows; start += BLOCK) {
    const count = min(BLOCK, rows - start)
    const first = x + <usize>start * row
    let i: usize = 0
    const end = bytesOf(columns)
    for (; i + 16 <= end; i += 16) {
      let sums = splat(0)
      let from = first + i
      for (let r = 0; r < count; r++) {
        sums = f32x4.add(sums, v128.load(from))
        from += row
      }
      v128.store(out + i, f32x4.add(v128.load(out + i), sums))
    }
    for (; i < end; i += 4) {
      let total: f32 = 0
      let from = first + i
      for (let r = 0; r < count; r++) {
        total += load<f32>(from)
        from += row
      }
      store<f32>(out + i, load<f32>(out + i) + total)
    }
  }
}
