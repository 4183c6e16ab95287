/**
 * @file The matrix product C = A B, or C += A B, of any strides, in float32.
 *
 * The canonical order (docs/numerics.md): for each output, sums over blocks of 256 consecutive k, each
 * from zero in order of k with a multiply and an add, joined one after the other. Every lane is an
 * output of its own, so block sizes, vector width and threads change no bit, and the native kernel
 * has the same ones.
 *
 * B is packed into panels 8 wide, A into panels 4 high where its columns are contiguous; a panel's
 * 4 x 8 outputs stay in eight registers (16 spill), and the loop over k stays un-unrolled, since the
 * optimizer would re-associate it.
 */
import { addProduct, bytesOf, loadPart, splat, storePart } from './lanes.ts'

const KC: i32 = 256
const NC: i32 = 512
const MC: i32 = 192
const MR: i32 = 4
const NR: i32 = 8

/** Where this thread packs: MC * KC floats of A, KC * NC of B. */
let packedA: usize = 0
let packedB: usize = 0

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

/** Products of fewer multiplications are not worth packing. */
const SMALL: i32 = 512

export function gemm(
  c: usize, // (M, N), rows cRow apart
  a: usize, // (M, K)
  b: usize, // (K, N)
  M: i32,
  N: i32,
  K: i32,
  aRow: i32,
  aColumn: i32,
  bRow: i32,
  bColumn: i32,
  cRow: i32,
  accumulate: bool,
): void {
  if (M * N <= SMALL && M * N * K <= SMALL) {
    smallGemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
    return
  }
  const packsA = aRow == 1 && aColumn != 1
  for (let jc = 0; jc < N; jc += NC) {
    const nc = min(NC, N - jc)
    for (let pc = 0; pc < K; pc += KC) {
      const kc = min(KC, K - pc)
      const joins = accumulate || pc > 0
      packB(kc, nc, b + at(pc, bRow) + at(jc, bColumn), bRow, bColumn)
      for (let ic = 0; ic < M; ic += MC) {
        const mc = min(MC, M - ic)
        const block = a + at(ic, aRow) + at(pc, aColumn)
        const out = c + at(ic, cRow) + bytesOf(jc)
        if (packsA) {
          packA(mc, kc, block, aColumn)
          multiplyBlock(out, packedA, mc, nc, kc, bytesOf(MR * kc), 4, 16, bytesOf(cRow), joins)
        } else {
          const row = bytesOf(aRow)
          const column = bytesOf(aColumn)
          multiplyBlock(out, block, mc, nc, kc, MR * row, row, column, bytesOf(cRow), joins)
        }
      }
    }
  }
}

/** A block of A, its rows `row` bytes apart within a panel of 4, times all that is packed of B. */
function multiplyBlock(
  c: usize,
  a: usize,
  mc: i32,
  nc: i32,
  kc: i32,
  panel: usize,
  row: usize,
  column: usize,
  cRow: usize,
  joins: bool,
): void {
  for (let jr = 0; jr < nc; jr += NR) {
    const columns = min(NR, nc - jr)
    const b = packedB + bytesOf(jr * kc)
    let out = c + bytesOf(jr)
    let first = a
    let ir = 0
    for (; ir + MR <= mc; ir += MR) {
      if (columns > 4) tile4x8(kc, first, row, column, b, out, cRow, columns, joins)
      else tile4x4(kc, first, row, column, b, out, cRow, columns, joins)
      first += panel
      out += MR * cRow
    }
    for (; ir < mc; ir++) {
      tile1x8(kc, first, column, b, out, columns, joins)
      first += row
      out += cRow
    }
  }
}

@inline
function at(index: i32, stride: i32): usize {
  return ((<usize>index) * (<usize>stride)) << 2
}

function smallGemm(
  c: usize,
  a: usize,
  b: usize,
  M: i32,
  N: i32,
  K: i32,
  aRow: i32,
  aColumn: i32,
  bRow: i32,
  bColumn: i32,
  cRow: i32,
  accumulate: bool,
): void {
  const aStep = bytesOf(aColumn)
  const bStep = bytesOf(bRow)
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      const out = c + at(i, cRow) + bytesOf(j)
      let x = a + at(i, aRow)
      let y = b + at(j, bColumn)
      let joins = accumulate
      for (let pc = 0; pc < K; pc += KC) {
        let sum: f32 = 0
        for (let k = min(KC, K - pc); k > 0; k--) {
          sum += load<f32>(x) * load<f32>(y)
          x += aStep
          y += bStep
        }
        store<f32>(out, joins ? load<f32>(out) + sum : sum)
        joins = true
      }
    }
  }
}

/** Four rows of A, `row` bytes apart, elements `column` bytes apart, times one panel of B. */
function tile4x8(
  k: i32,
  a: usize,
  row: usize,
  column: usize,
  b: usize,
  c: usize,
  cRow: usize,
  columns: i32,
  joins: bool,
): void {
  let c00 = splat(0)
  let c01 = splat(0)
  let c10 = splat(0)
  let c11 = splat(0)
  let c20 = splat(0)
  let c21 = splat(0)
  let c30 = splat(0)
  let c31 = splat(0)
  let a1 = a + row
  let a2 = a1 + row
  let a3 = a2 + row
  while (k > 0) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    c00 = addProduct(c00, x, b0)
    c01 = addProduct(c01, x, b1)
    a += column
    x = v128.load32_splat(a1)
    c10 = addProduct(c10, x, b0)
    c11 = addProduct(c11, x, b1)
    a1 += column
    x = v128.load32_splat(a2)
    c20 = addProduct(c20, x, b0)
    c21 = addProduct(c21, x, b1)
    a2 += column
    x = v128.load32_splat(a3)
    c30 = addProduct(c30, x, b0)
    c31 = addProduct(c31, x, b1)
    a3 += column
    b += 32
    k--
  }
  storeRow(c, c00, c01, columns, joins)
  storeRow(c + cRow, c10, c11, columns, joins)
  storeRow(c + 2 * cRow, c20, c21, columns, joins)
  storeRow(c + 3 * cRow, c30, c31, columns, joins)
}

/** The same for a panel of which 4 columns or fewer are in use. */
function tile4x4(
  k: i32,
  a: usize,
  row: usize,
  column: usize,
  b: usize,
  c: usize,
  cRow: usize,
  columns: i32,
  joins: bool,
): void {
  let c0 = splat(0)
  let c1 = splat(0)
  let c2 = splat(0)
  let c3 = splat(0)
  let a1 = a + row
  let a2 = a1 + row
  let a3 = a2 + row
  while (k > 0) {
    const b0 = v128.load(b)
    c0 = addProduct(c0, v128.load32_splat(a), b0)
    c1 = addProduct(c1, v128.load32_splat(a1), b0)
    c2 = addProduct(c2, v128.load32_splat(a2), b0)
    c3 = addProduct(c3, v128.load32_splat(a3), b0)
    a += column
    a1 += column
    a2 += column
    a3 += column
    b += 32
    k--
  }
  storeLanes(c, c0, columns, joins)
  storeLanes(c + cRow, c1, columns, joins)
  storeLanes(c + 2 * cRow, c2, columns, joins)
  storeLanes(c + 3 * cRow, c3, columns, joins)
}

function tile1x8(
  k: i32,
  a: usize,
  column: usize,
  b: usize,
  c: usize,
  columns: i32,
  joins: bool,
): void {
  let c0 = splat(0)
  let c1 = splat(0)
  while (k > 0) {
    const x = v128.load32_splat(a)
    c0 = addProduct(c0, x, v128.load(b))
    c1 = addProduct(c1, x, v128.load(b, 16))
    a += column
    b += 32
    k--
  }
  storeRow(c, c0, c1, columns, joins)
}

@inline
function storeRow(c: usize, low: v128, high: v128, columns: i32, joins: bool): void {
  if (columns == NR) {
    if (joins) {
      low = f32x4.add(v128.load(c), low)
      high = f32x4.add(v128.load(c, 16), high)
    }
    v128.store(c, low)
    v128.store(c, high, 16)
  } else {
    storeLanes(c, low, min(4, columns), joins)
    if (columns > 4) storeLanes(c + 16, high, columns - 4, joins)
  }
}

/** The first `count` of four sums, 1 to 4. */
function storeLanes(c: usize, sums: v128, count: i32, joins: bool): void {
  if (count == 4) {
    v128.store(c, joins ? f32x4.add(v128.load(c), sums) : sums)
    return
  }
  if (joins) sums = f32x4.add(loadPart(c, count, 0), sums)
  storePart(c, sums, count)
}

/** Panels 4 high of a block whose columns are contiguous; missing rows are zero. */
function packA(mc: i32, kc: i32, a: usize, aColumn: i32): void {
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

/** Panels 8 wide; missing columns are zero. */
function packB(kc: i32, nc: i32, b: usize, bRow: i32, bColumn: i32): void {
  const row = bytesOf(bRow)
  const column = bytesOf(bColumn)
  let to = packedB
  for (let j = 0; j < nc; j += NR) {
    const from = b + (<usize>j) * column
    const columns = min(NR, nc - j)
    if (columns == NR && bColumn == 1) copyPanel(to, from, kc, row)
    else if (columns == 4 && bColumn == 1) copyHalfPanel(to, from, kc, row)
    else if ((columns == NR || columns == 4) && bRow == 1) {
      transposePanel(to, from, kc, column, columns)
    } else gatherPanel(to, from, kc, row, column, columns)
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

/** Any strides, and any number of columns; missing ones are zero. */
function gatherPanel(to: usize, from: usize, kc: i32, row: usize, column: usize, columns: i32): void {
  for (let k = 0; k < kc; k++) {
    for (let j = 0; j < NR; j++) {
      store<f32>(to + bytesOf(j), j < columns ? load<f32>(from + (<usize>j) * column) : 0)
    }
    to += 32
    from += row
  }
}

/** From columns that are contiguous in k, four by four; those from 4 on only where they are there. */
function transposePanel(to: usize, from: usize, kc: i32, column: usize, columns: i32): void {
  let k = 0
  for (; k + 4 <= kc; k += 4) {
    transpose4x4(to, from, column)
    if (columns == NR) transpose4x4(to + 16, from + 4 * column, column)
    to += 128
    from += 16
  }
  for (; k < kc; k++) {
    for (let j = 0; j < columns; j++) {
      store<f32>(to + bytesOf(j), load<f32>(from + (<usize>j) * column))
    }
    to += 32
    from += 4
  }
}

@inline
function transpose4x4(to: usize, from: usize, column: usize): void {
  const r0 = v128.load(from)
  const r1 = v128.load(from + column)
  const r2 = v128.load(from + 2 * column)
  const r3 = v128.load(from + 3 * column)
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5)
  const t1 = i32x4.shuffle(r0, r1, 2, 6, 3, 7)
  const t2 = i32x4.shuffle(r2, r3, 0, 4, 1, 5)
  const t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7)
  v128.store(to, i64x2.shuffle(t0, t2, 0, 2))
  v128.store(to, i64x2.shuffle(t0, t2, 1, 3), 32)
  v128.store(to, i64x2.shuffle(t1, t3, 0, 2), 64)
  v128.store(to, i64x2.shuffle(t1, t3, 1, 3), 96)
}
