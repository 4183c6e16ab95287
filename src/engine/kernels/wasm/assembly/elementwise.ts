/** @file Small operations on whole arrays. */
import { bytesOf, splat } from './lanes.ts'

export function clear(x: usize, n: i32): void {
  memory.fill(x, 0, bytesOf(n))
}

export function copy(y: usize, x: usize, n: i32): void {
  memory.copy(y, x, bytesOf(n))
}

export function scale(x: usize, factor: f32, n: i32): void {
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 16 <= end; i += 16) {
    v128.store(x + i, f32x4.mul(v128.load(x + i), splat(factor)))
  }
  for (; i < end; i += 4) store<f32>(x + i, load<f32>(x + i) * factor)
}

/** y[r, :] = b, for rows that follow each other. */
export function fillRows(y: usize, b: usize, rows: i32, width: i32): void {
  const end = bytesOf(width)
  for (let r = 0; r < rows; r++) {
    let i: usize = 0
    for (; i + 16 <= end; i += 16) v128.store(y + i, v128.load(b + i))
    for (; i < end; i += 4) store<f32>(y + i, load<f32>(b + i))
    y += end
  }
}

/** y = x * mask, of any use: dropout's backward pass is the same. */
export function multiply(y: usize, x: usize, mask: usize, n: i32): void {
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 16 <= end; i += 16) {
    v128.store(y + i, f32x4.mul(v128.load(x + i), v128.load(mask + i)))
  }
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(x + i) * load<f32>(mask + i))
}
