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
import { fillRows } from './elementwise.ts'
import { addProduct, bytesOf, splat, storePart } from './lanes.ts'
import { KC, MC, MR, NC, NR, packA, packB, packedA, packedB, rowOf } from './packing.ts'

/** Products of fewer multiplications have no time to pack what can be read as it lies. */
const SMALL: i32 = 32768

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
  const start = accumulate ? c : 0
  if (isSmall(M, N, K)) smallGemm(c, start, cRow, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow)
  else largeGemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
}

/** C = A B, or C = bias + A B with the same bias, of N elements, for each row. */
export function gemmFromBias(
  c: usize,
  bias: usize, // (N), or 0
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
): void {
  if (isSmall(M, N, K)) {
    smallGemm(c, bias, 0, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow)
  } else {
    if (bias) fillRows(c, bias, M, N)
    largeGemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, bias != 0)
  }
}

@inline
function isSmall(M: i32, N: i32, K: i32): bool {
  return K <= KC && M * N <= SMALL && M * N * K <= SMALL
}

/** One block, joined to what is at `start`, whose rows are `startRow` apart; to nothing where it is 0. */
function smallGemm(
  c: usize,
  start: usize,
  startRow: i32,
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
): void {
  const row = bytesOf(aRow)
  const column = bytesOf(aColumn)
  const cStep = bytesOf(cRow)
  const startStep = bytesOf(startRow)
  let bPanel: usize = 32
  let bStep = bytesOf(bRow)
  if (bColumn != 1) {
    packB(K, N, b, bRow, bColumn)
    b = packedB
    bPanel = bytesOf(NR * K)
    bStep = 32
  }
  if (M <= MR && N <= 4) {
    tile4x4(K, a, M, row, column, b, bStep, c, cStep, start, startStep, N)
  } else {
    const aPanel = MR * row
    multiplyBlock(c, cStep, start, startStep, a, b, M, N, K, aPanel, row, column, bPanel, bStep)
  }
}

function largeGemm(
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
  const cStep = bytesOf(cRow)
  const packsA = aRow == 1 && aColumn != 1
  for (let jc = 0; jc < N; jc += NC) {
    const nc = min(NC, N - jc)
    for (let pc = 0; pc < K; pc += KC) {
      const kc = min(KC, K - pc)
      const bPanel = bytesOf(NR * kc)
      packB(kc, nc, b + at(pc, bRow) + at(jc, bColumn), bRow, bColumn)
      for (let ic = 0; ic < M; ic += MC) {
        const mc = min(MC, M - ic)
        const out = c + at(ic, cRow) + bytesOf(jc)
        const start = accumulate || pc > 0 ? out : 0
        let block = a + at(ic, aRow) + at(pc, aColumn)
        let row = bytesOf(aRow)
        let column = bytesOf(aColumn)
        let aPanel = MR * row
        if (packsA) {
          packA(mc, kc, block, aColumn)
          block = packedA
          row = 4
          column = 16
          aPanel = bytesOf(MR * kc)
        }
        multiplyBlock(
          out, cStep, start, cStep, block, packedB, mc, nc, kc, aPanel, row, column, bPanel, 32,
        )
      }
    }
  }
}

/**
 * A block of A times a block of B, each as panels `aPanel` and `bPanel` bytes apart. In a panel of A, 4
 * high, rows are `row` and columns `column` bytes apart; in one of B, 8 wide, rows are `bRow` apart.
 */
function multiplyBlock(
  c: usize,
  cRow: usize,
  start: usize,
  startRow: usize,
  a: usize,
  b: usize,
  mc: i32,
  nc: i32,
  kc: i32,
  aPanel: usize,
  row: usize,
  column: usize,
  bPanel: usize,
  bRow: usize,
): void {
  for (let jr = 0; jr < nc; jr += NR) {
    const columns = min(NR, nc - jr)
    const left = bytesOf(jr)
    let out = c + left
    let from = start ? start + left : 0
    let first = a
    for (let ir = 0; ir < mc; ir += MR) {
      const rows = min(MR, mc - ir)
      if (rows == 1) tile1x8(kc, first, column, b, bRow, out, from, columns)
      else if (columns > 4) {
        tile4x8(kc, first, rows, row, column, b, bRow, out, cRow, from, startRow, columns)
      } else tile4x4(kc, first, rows, row, column, b, bRow, out, cRow, from, startRow, columns)
      first += aPanel
      out += MR * cRow
      if (from) from += MR * startRow
    }
    b += bPanel
  }
}

@inline
function at(index: i32, stride: i32): usize {
  return ((<usize>index) * (<usize>stride)) << 2
}

/** 2 to 4 rows of a panel of A times one panel of B. */
@inline
function tile4x8(
  k: i32,
  a: usize,
  rows: i32,
  row: usize,
  column: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  start: usize,
  startRow: usize,
  columns: i32,
): void {
  let c00 = splat(0)
  let c01 = splat(0)
  let c10 = splat(0)
  let c11 = splat(0)
  let c20 = splat(0)
  let c21 = splat(0)
  let c30 = splat(0)
  let c31 = splat(0)
  let a1 = rowOf(a, row, 1, rows)
  let a2 = rowOf(a, row, 2, rows)
  let a3 = rowOf(a, row, 3, rows)
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
    b += bRow
    k--
  }
  storeRow(c, start, c00, c01, columns)
  storeRow(c + cRow, next(start, startRow, 1), c10, c11, columns)
  if (rows > 2) storeRow(c + 2 * cRow, next(start, startRow, 2), c20, c21, columns)
  if (rows > 3) storeRow(c + 3 * cRow, next(start, startRow, 3), c30, c31, columns)
}

/** 1 to 4 rows times a panel of which 4 columns or fewer are in use. */
@inline
function tile4x4(
  k: i32,
  a: usize,
  rows: i32,
  row: usize,
  column: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  start: usize,
  startRow: usize,
  columns: i32,
): void {
  let c0 = splat(0)
  let c1 = splat(0)
  let c2 = splat(0)
  let c3 = splat(0)
  let a1 = rowOf(a, row, 1, rows)
  let a2 = rowOf(a, row, 2, rows)
  let a3 = rowOf(a, row, 3, rows)
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
    b += bRow
    k--
  }
  storeLanes(c, start, c0, columns)
  if (rows > 1) storeLanes(c + cRow, next(start, startRow, 1), c1, columns)
  if (rows > 2) storeLanes(c + 2 * cRow, next(start, startRow, 2), c2, columns)
  if (rows > 3) storeLanes(c + 3 * cRow, next(start, startRow, 3), c3, columns)
}

@inline
function tile1x8(
  k: i32,
  a: usize,
  column: usize,
  b: usize,
  bRow: usize,
  c: usize,
  start: usize,
  columns: i32,
): void {
  let c0 = splat(0)
  let c1 = splat(0)
  while (k > 0) {
    const x = v128.load32_splat(a)
    c0 = addProduct(c0, x, v128.load(b))
    c1 = addProduct(c1, x, v128.load(b, 16))
    a += column
    b += bRow
    k--
  }
  storeRow(c, start, c0, c1, columns)
}

@inline
function next(start: usize, startRow: usize, rows: usize): usize {
  return start ? start + rows * startRow : 0
}

/** C = what is at `start` + the sums, or the sums alone where it is 0. */
@inline
function storeRow(c: usize, start: usize, low: v128, high: v128, columns: i32): void {
  if (columns == NR) {
    if (start) {
      low = f32x4.add(v128.load(start), low)
      high = f32x4.add(v128.load(start, 16), high)
    }
    v128.store(c, low)
    v128.store(c, high, 16)
  } else {
    storeLanes(c, start, low, min(4, columns))
    if (columns > 4) storeLanes(c + 16, next(start, 16, 1), high, columns - 4)
  }
}

/** The first `count` of four sums, 1 to 4. */
function storeLanes(c: usize, start: usize, sums: v128, count: i32): void {
  if (start) sums = f32x4.add(v128.load(start), sums)
  if (count == 4) v128.store(c, sums)
  else storePart(c, sums, count)
}
