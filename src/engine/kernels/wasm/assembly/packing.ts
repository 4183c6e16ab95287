/**
 * @file Parts of matrices copied to where a product reads them in order: B in panels 8 wide, A in panels
 * 4 high. Each thread has a workspace of its own for them.
 */
import { bytesOf, loadPart } from './lanes.ts'

export const KC: i32 = 256
export const NC: i32 = 512
export const MC: i32 = 192
export const MR: i32 = 4
export const NR: i32 = 8

/** Where this thread packs: MC * KC floats of A, KC * NC of B. */
export let packedA: usize = 0
export let packedB: usize = 0

/** Bytes that `useWorkspace` needs. */
export function workspaceBytes(): i32 {
  return (MC * KC + KC * NC) * 4
}

export function useWorkspace(at: usize): void {
  packedA = at
  packedB = packedA + bytesOf(MC * KC)
}

/** What a thread may use between two products: KC * NC floats. */
export function workspace(): usize {
  return packedB
}

/** Where row `index` of a panel begins; where there are fewer rows, one that is there, for nobody. */
@inline
export function rowOf(a: usize, row: usize, index: i32, rows: i32): usize {
  return index < rows ? a + (<usize>index) * row : a
}

/** Panels 4 high of a block whose columns are contiguous; missing rows are zero. */
export function packA(mc: i32, kc: i32, a: usize, aColumn: i32): void {
  const step = bytesOf(aColumn)
  let to = packedA
  for (let i = 0; i < mc; i += MR) {
    let from = a + bytesOf(i)
    const rows = mc - i
    for (let k = 0; k < kc; k++) {
      v128.store(to, rows >= MR ? v128.load(from) : loadPart(from, rows, 0))
      to += 16
      from += step
    }
  }
}

/**
 * Panels 8 wide. What stands for missing columns is never stored, so it is whatever lies beside: the
 * memory ends some bytes after the last thing that is planned.
 */
export function packB(kc: i32, nc: i32, b: usize, bRow: i32, bColumn: i32): void {
  const row = bytesOf(bRow)
  const column = bytesOf(bColumn)
  let to = packedB
  for (let j = 0; j < nc; j += NR) {
    const from = b + (<usize>j) * column
    const columns = min(NR, nc - j)
    if (bColumn == 1) {
      if (columns > 4) copyPanel(to, from, kc, row)
      else copyHalfPanel(to, from, kc, row)
    } else if (bRow == 1) transposePanel(to, from, kc, column, columns)
    else gatherPanel(to, from, kc, row, column, columns)
    to += bytesOf(NR * kc)
  }
}

function copyPanel(to: usize, from: usize, kc: i32, row: usize): void {
  for (let k = 0; k < kc; k++) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    to += 32
    from += row
  }
}

function copyHalfPanel(to: usize, from: usize, kc: i32, row: usize): void {
  for (let k = 0; k < kc; k++) {
    v128.store(to, v128.load(from))
    to += 32
    from += row
  }
}

/** Any strides. */
function gatherPanel(to: usize, from: usize, kc: i32, row: usize, column: usize, columns: i32): void {
  for (let k = 0; k < kc; k++) {
    for (let j = 0; j < columns; j++) {
      store<f32>(to + bytesOf(j), load<f32>(from + (<usize>j) * column))
    }
    to += 32
    from += row
  }
}

/** From columns that are contiguous in k, four by four: up to three k too many, where the next panel goes. */
function transposePanel(to: usize, from: usize, kc: i32, column: usize, columns: i32): void {
  const high = from + 4 * column
  for (let k = 0; k < kc; k += 4) {
    transpose4x4(to, from + bytesOf(k), column, columns)
    if (columns > 4) transpose4x4(to + 16, high + bytesOf(k), column, columns - 4)
    to += 128
  }
}

@inline
function transpose4x4(to: usize, from: usize, column: usize, columns: i32): void {
  const r0 = v128.load(from)
  const r1 = v128.load(rowOf(from, column, 1, columns))
  const r2 = v128.load(rowOf(from, column, 2, columns))
  const r3 = v128.load(rowOf(from, column, 3, columns))
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5)
  const t1 = i32x4.shuffle(r0, r1, 2, 6, 3, 7)
  const t2 = i32x4.shuffle(r2, r3, 0, 4, 1, 5)
  const t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7)
  v128.store(to, i64x2.shuffle(t0, t2, 0, 2))
  v128.store(to, i64x2.shuffle(t0, t2, 1, 3), 32)
  v128.store(to, i64x2.shuffle(t1, t3, 0, 2), 64)
  v128.store(to, i64x2.shuffle(t1, t3, 1, 3), 96)
}
