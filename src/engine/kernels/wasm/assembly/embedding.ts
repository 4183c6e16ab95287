/** @file Rows by token, gathered and added to; positions; and the sum of two arrays. */
import { bytesOf } from './lanes.ts'

export function add(y: usize, x: usize, n: i32): void {
  addRow(y, y, x, 1, n)
}

/** y[r, :] = x[r, :] + p, for rows that follow each other. */
export function addRow(y: usize, x: usize, p: usize, rows: i32, width: i32): void {
  const end = bytesOf(width)
  for (let r = 0; r < rows; r++) {
    let i: usize = 0
    for (; i + 16 <= end; i += 16) {
      v128.store(y + i, f32x4.add(v128.load(x + i), v128.load(p + i)))
    }
    for (; i < end; i += 4) store<f32>(y + i, load<f32>(x + i) + load<f32>(p + i))
    y += end
    x += end
  }
}

export function embeddingForward(y: usize, tokens: usize, weight: usize, N: i32, C: i32): void {
  const row = bytesOf(C)
  for (let n = 0; n < N; n++) {
    memory.copy(y, weight + <usize>load<f32>(tokens + bytesOf(n)) * row, row)
    y += row
  }
}

/** The rows in their order; for `columns` columns of `width`. */
export function embeddingBackward(
  dweight: usize,
  dy: usize,
  tokens: usize,
  N: i32,
  columns: i32,
  width: i32,
): void {
  const row = bytesOf(width)
  for (let n = 0; n < N; n++) {
    const to = dweight + <usize>load<f32>(tokens + bytesOf(n)) * row
    addRow(to, to, dy, 1, columns)
    dy += row
  }
}
