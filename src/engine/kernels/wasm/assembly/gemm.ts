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
import { addProduct, bytesOf, splat } from './lanes.ts'

const KC: i32 = 256
const NC: i32 = 512
const MC: i32 = 192
const MR: i32 = 4
const NR: i32 = 8

/** Where this thread packs: MC * KC floats of A, KC * NC of B, and one tile. */
let packedA: usize = 0
let packedB: usize = 0
let tile: usize = 0

/** Bytes that `useWorkspace` needs. */
export function workspaceBytes(): i32 {
  return (MC * KC + KC * NC + MR * NR) * 4
}

export function useWorkspace(at: usize): void {
  packedA = at
  packedB = packedA + bytesOf(MC * KC)
  tile = packedB + bytesOf(KC * NC)
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
      packB(kc, nc, b + at(pc, bRow) + at(jc, bColumn), bRow, bColumn)
      for (let ic = 0; ic < M; ic += MC) {
        const mc = min(MC, M - ic)
        const block = a + at(ic, aRow) + at(pc, aColumn)
        if (packsA) packA(mc, kc, block, aColumn)
        for (let jr = 0; jr < nc; jr += NR) {
          for (let ir = 0; ir < mc; ir += MR) {
            const rows = min(MR, mc - ir)
            const columns = min(NR, nc - jr)
            const panelB = packedB + bytesOf(jr * kc)
            const out = c + at(ic + ir, cRow) + bytesOf(jc + jr)
            const joins = accumulate || pc > 0
            if (packsA) {
              const panelA = packedA + bytesOf(ir * kc)
              if (rows == MR && columns == NR) tile4x8(kc, panelA, 4, 16, panelB, out, bytesOf(cRow), joins)
              else {
                tile4x8(kc, panelA, 4, 16, panelB, tile, bytesOf(NR), false)
                storeTile(out, rows, columns, cRow, joins)
              }
            } else {
              const first = block + at(ir, aRow)
              if (rows == MR && columns == NR) {
                tile4x8(kc, first, bytesOf(aRow), bytesOf(aColumn), panelB, out, bytesOf(cRow), joins)
              } else {
                for (let i = 0; i < rows; i++) {
                  tile1x8(kc, first + at(i, aRow), bytesOf(aColumn), panelB, tile + bytesOf(i * NR))
                }
                storeTile(out, rows, columns, cRow, joins)
              }
            }
          }
        }
      }
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
  storeRow(c, c00, c01, joins)
  storeRow(c + cRow, c10, c11, joins)
  storeRow(c + 2 * cRow, c20, c21, joins)
  storeRow(c + 3 * cRow, c30, c31, joins)
}

@inline
function storeRow(c: usize, low: v128, high: v128, joins: bool): void {
  if (joins) {
    low = f32x4.add(v128.load(c), low)
    high = f32x4.add(v128.load(c, 16), high)
  }
  v128.store(c, low)
  v128.store(c, high, 16)
}

function tile1x8(k: i32, a: usize, column: usize, b: usize, c: usize): void {
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
  storeRow(c, c0, c1, false)
}

/** The part of the tile that lies inside C. */
function storeTile(c: usize, rows: i32, columns: i32, cRow: i32, joins: bool): void {
  for (let i = 0; i < rows; i++) {
    const from = tile + bytesOf(i * NR)
    const to = c + at(i, cRow)
    for (let j: usize = 0, end = bytesOf(columns); j < end; j += 4) {
      const value = load<f32>(from + j)
      store<f32>(to + j, joins ? load<f32>(to + j) + value : value)
    }
  }
}

/** Panels 4 high of a block whose columns are contiguous; missing rows are zero. */
function packA(mc: i32, kc: i32, a: usize, aColumn: i32): void {
  const step = bytesOf(aColumn)
  let to = packedA
  for (let i = 0; i < mc; i += MR) {
    let from = a + bytesOf(i)
    const rows = mc - i
    for (let k = 0; k < kc; k++) {
      if (rows >= MR) v128.store(to, v128.load(from))
      else {
        for (let r = 0; r < MR; r++) {
          store<f32>(to + bytesOf(r), r < rows ? load<f32>(from + bytesOf(r)) : 0)
        }
      }
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
    if (nc - j >= NR && bColumn == 1) copyPanel(to, from, kc, row)
    else if (nc - j >= NR && bRow == 1) transposePanel(to, from, kc, column)
    else gatherPanel(to, from, kc, row, column, nc - j)
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

function gatherPanel(to: usize, from: usize, kc: i32, row: usize, column: usize, columns: i32): void {
  for (let k = 0; k < kc; k++) {
    for (let j = 0; j < NR; j++) {
      store<f32>(to + bytesOf(j), j < columns ? load<f32>(from + (<usize>j) * column) : 0)
    }
    to += 32
    from += row
  }
}

/** From columns that are contiguous in k: four by four, by shuffles. */
function transposePanel(to: usize, from: usize, kc: i32, column: usize): void {
  let k = 0
  for (; k + 4 <= kc; k += 4) {
    transpose4x4(to, from, column)
    transpose4x4(to + 16, from + 4 * column, column)
    to += 128
    from += 16
  }
  for (; k < kc; k++) {
    for (let j: usize = 0; j < 8; j++) store<f32>(to + (j << 2), load<f32>(from + j * column))
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
