/**
 * @file A small matrix product as instructions for matrices of which sizes, strides and places are known:
 * each tile is a loop over k that knows its shape, and nothing is left to be decided between them.
 *
 * The order is that of assembly/gemm.ts, so that the bits are: each output a sum from zero in order of
 * k, then joined to what is there. The loop stays a loop: TurboFan sinks the arithmetic of one long block
 * below its loads, which are then spilled (2,130 ns instead of 910 for a step of a 10-20-5 MLP).
 */
import {
  code,
  getLocal,
  join,
  loadLanes,
  loadSplat,
  repeat,
  setLocal,
  shuffle,
  storeLanes,
} from './wasm-encoder.ts'

/** C = A B, joined to what is at `start`. */
export interface Product {
  readonly c: number // (M, N), rows N apart
  readonly a: number // (M, K)
  readonly b: number // (K, N)
  readonly M: number
  readonly N: number
  readonly K: number
  readonly aRow: number
  readonly aColumn: number
  readonly bRow: number
  readonly bColumn: number
  readonly cRow: number
  /** What the sums are joined to, rows `startRow` apart; 0 where to nothing. */
  readonly start: number
  readonly startRow: number
}

const rowsOfTile = 4
const columnsOfTile = 8
/** What a product computes with: a number of A, two vectors of B, the outputs of a tile, and zeros, never set. */
export const vectors = 3 + rowsOfTile * 2 + 1
/** And how far it is in A and in B. */
export const integers = 2

export function inlineProduct(product: Product, firstVector: number, workspace: number): number[] {
  const { M, N, bColumn } = product
  if (bColumn !== 1) {
    const width = Math.ceil(N / 4) * 4
    const rows = { ...product, b: workspace, bRow: width, bColumn: 1 }
    return join([
      transpose(product, width, firstVector, workspace),
      inlineProduct(rows, firstVector, workspace),
    ])
  }
  const encoded: number[][] = []
  for (let j = 0; j < N; j += columnsOfTile) {
    for (let i = 0; i < M; i += rowsOfTile) encoded.push(encodeTile(product, i, j, firstVector))
  }
  return join(encoded)
}

function encodeTile(product: Product, i: number, j: number, firstVector: number): number[] {
  const { c, a, b, M, N, K, aRow, aColumn, bRow, cRow, start, startRow } = product
  const rows = Math.min(rowsOfTile, M - i)
  const columns = Math.min(columnsOfTile, N - j)
  const width = Math.ceil(columns / 4)
  const x = firstVector
  const ofB = firstVector + 1
  const sum = (row: number, half: number) => firstVector + 3 + row * 2 + half
  const zero = firstVector + vectors - 1
  const aStep = { local: firstVector + vectors, bytes: aColumn * 4 }
  const bStep = { local: firstVector + vectors + 1, bytes: bRow * 4 }
  const sums: number[][] = []
  const terms: number[][] = []
  const ends: number[][] = []
  for (let half = 0; half < width; half++) {
    terms.push(loadLanes(b + (j + half * 4) * 4, bStep.local), setLocal(ofB + half))
  }
  for (let row = 0; row < rows; row++) {
    terms.push(loadSplat(a + (i + row) * aRow * 4, aStep.local), setLocal(x))
    for (let half = 0; half < width; half++) {
      const local = sum(row, half)
      sums.push(getLocal(zero), setLocal(local))
      terms.push(getLocal(local), getLocal(x), getLocal(ofB + half), code.f32x4.multiply)
      terms.push(code.f32x4.add, setLocal(local))
      const at = j + half * 4
      if (start) {
        ends.push(loadLanes(start + ((i + row) * startRow + at) * 4), getLocal(local))
        ends.push(code.f32x4.add, setLocal(local))
      }
      ends.push(storeLanes(c + ((i + row) * cRow + at) * 4, local, Math.min(4, N - at)))
    }
  }
  return join([...sums, repeat(K, [aStep, bStep], join(terms)), ...ends])
}

/** B, whose columns are contiguous in k, four by four to where its rows are, `width` apart. */
function transpose(
  { b, N, K, bColumn }: Product,
  width: number,
  firstVector: number,
  to: number,
): number[] {
  const [r, t] = [firstVector, firstVector + 4]
  const pairs = (first: number, second: number, ...lanes: number[]) => [
    ...[...getLocal(first), ...getLocal(second), ...shuffle(...lanes)],
  ]
  const encoded: number[][] = []
  for (let j = 0; j < N; j += 4) {
    for (let k = 0; k < K; k += 4) {
      for (let i = 0; i < 4; i++) {
        const column = Math.min(j + i, N - 1) // where there are fewer, one that is there, for nobody
        encoded.push(loadLanes(b + (column * bColumn + k) * 4), setLocal(r + i))
      }
      encoded.push(pairs(r, r + 1, 0, 4, 1, 5), setLocal(t))
      encoded.push(pairs(r, r + 1, 2, 6, 3, 7), setLocal(t + 1))
      encoded.push(pairs(r + 2, r + 3, 0, 4, 1, 5), setLocal(t + 2))
      encoded.push(pairs(r + 2, r + 3, 2, 6, 3, 7), setLocal(t + 3))
      for (let i = 0; i < Math.min(4, K - k); i++) {
        const [low, high] = i < 2 ? [t, t + 2] : [t + 1, t + 3]
        const lanes = i % 2 ? [2, 3, 6, 7] : [0, 1, 4, 5]
        encoded.push(pairs(low, high, ...lanes), setLocal(r))
        encoded.push(storeLanes(to + ((k + i) * width + j) * 4, r, 4))
      }
    }
  }
  return join(encoded)
}

/** out[i] += the sum over rows of x[r, i], of up to 256 rows, as assembly/sums.ts has it. */
export function inlineColumnSums(
  out: number,
  x: number,
  rows: number,
  columns: number,
  firstVector: number,
): number[] {
  const encoded: number[][] = []
  for (let i = 0; i < columns; i += 4) {
    encoded.push(loadLanes(out + i * 4), getLocal(firstVector + vectors - 1))
    for (let r = 0; r < rows; r++) {
      encoded.push(loadLanes(x + (r * columns + i) * 4), code.f32x4.add)
    }
    encoded.push(code.f32x4.add, setLocal(firstVector))
    encoded.push(storeLanes(out + i * 4, firstVector, Math.min(4, columns - i)))
  }
  return join(encoded)
}
