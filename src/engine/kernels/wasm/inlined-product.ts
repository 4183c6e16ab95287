/**
 * @file A small matrix product as instructions for matrices of which sizes, strides and places are known:
 * for each panel of columns a loop over tiles, within it one over k, and nothing else to be decided.
 *
 * The order is that of assembly/gemm.ts, so that the bits are: each output a sum from zero in order of
 * k, then joined to what is there. The loops stay loops. TurboFan sinks the arithmetic of one long block
 * below its loads, which are then spilled (2,130 ns for a step of a 10-20-5 MLP); and the tiles of a panel
 * one after the other are more code than the processor keeps decoded (740 ns instead of 710).
 */
import {
  code,
  constant,
  getLocal,
  join,
  loadLanes,
  loadSplat,
  repeat,
  type Step,
  setLocal,
  shuffle,
  storeLanes,
} from './wasm-encoder.ts'

/** C = A B, joined to what is at `start`. */
export interface Product {
  readonly c: number // (M, N), rows cRow apart
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
  /** What the sums are joined to; 0 where to nothing. */
  readonly start: number
  /** That is one row for all, and not one for each, as far apart as those of C. */
  readonly isStartShared: boolean
}

/** Vectors side by side in a tile. */
const maxWidth = 2
/**
 * And its rows, by width: enough sums for the latency of an addition, few enough for V8's registers. GFLOP/s
 * of 16 x 16 x 16 with 4 and 6 rows of two vectors: 46, 37; of 10 x 4 x 64 with 4, 5 and 10 rows of one
 * vector: 35, 40, 28.
 */
const maxRows = [0, 5, 4]

/** A number of A, two vectors of B, the outputs of a tile, and zeros, never set. */
export const vectors = 3 + 8 + 1
/** How far it is in A, in B and in C. */
export const integers = 3

export function inlineProduct(product: Product, firstVector: number, workspace: number): number[] {
  const { N, bColumn } = product
  if (bColumn !== 1) {
    const width = Math.ceil(N / 4) * 4
    const rows = { ...product, b: workspace, bRow: width, bColumn: 1 }
    return join([
      transpose(product, width, firstVector, workspace),
      inlineProduct(rows, firstVector, workspace),
    ])
  }
  const encoded: number[][] = []
  for (let j = 0; j < N; j += maxWidth * 4) encoded.push(encodePanel(product, j, firstVector))
  return join(encoded)
}

/** The columns from j on, up to eight: tiles of as many rows each, and one of the rows that are left. */
function encodePanel(product: Product, j: number, firstVector: number): number[] {
  const { M, N } = product
  const columns = Math.min(maxWidth * 4, N - j)
  const rows = Math.ceil(M / Math.ceil(M / maxRows[Math.ceil(columns / 4)]))
  const times = Math.floor(M / rows)
  const left = M - times * rows
  const rest = { i: times * rows, j, rows: left, columns, times: 1 }
  return join([
    encodeTiles(product, { i: 0, j, rows, columns, times }, firstVector),
    left > 0 ? encodeTiles(product, rest, firstVector) : [],
  ])
}

/** Outputs from row i and column j on, and so many tiles below each other. */
interface Tiles {
  readonly i: number
  readonly j: number
  readonly rows: number
  readonly columns: number
  readonly times: number
}

function encodeTiles(product: Product, tiles: Tiles, firstVector: number): number[] {
  const { K, aRow, aColumn, bRow, cRow } = product
  const { rows, times } = tiles
  const [inA, inB, inC] = [0, 1, 2].map((n) => firstVector + vectors + n)
  const terms = [
    { local: inB, bytes: bRow * 4 },
    { local: inA, bytes: aColumn * 4 },
  ]
  const parts = encodeTile(product, tiles, firstVector)
  const tile = join([
    ...[parts.zeros, clear(inB), repeat(terms, K * bRow * 4, parts.terms)],
    parts.ends,
  ])
  const below: Step[] = [
    { local: inC, bytes: rows * cRow * 4 },
    { local: inA, bytes: (rows * aRow - K * aColumn) * 4 },
  ]
  const all = times === 1 ? tile : repeat(below, times * rows * cRow * 4, tile)
  return join([clear(inA), clear(inC), all])
}

/** What comes before the loop over k, what is in it, and what comes after. */
function encodeTile(
  { c, a, b, aRow, cRow, start, isStartShared }: Product,
  { i, j, rows, columns }: Tiles,
  firstVector: number,
): { zeros: number[]; terms: number[]; ends: number[] } {
  const width = Math.ceil(columns / 4)
  const [x, ofB, sums, zero] = [0, 1, 3, vectors - 1].map((n) => firstVector + n)
  const [inA, inB, inC] = [0, 1, 2].map((n) => firstVector + vectors + n)
  const zeros: number[][] = []
  const terms: number[][] = []
  const ends: number[][] = []
  for (let half = 0; half < width; half++) {
    terms.push(loadLanes(b + (j + half * 4) * 4, inB), setLocal(ofB + half))
  }
  for (let row = 0; row < rows; row++) {
    terms.push(loadSplat(a + (i + row) * aRow * 4, inA), setLocal(x))
    for (let half = 0; half < width; half++) {
      const sum = sums + row * width + half
      const column = j + half * 4
      const place = ((i + row) * cRow + column) * 4
      zeros.push(getLocal(zero), setLocal(sum))
      terms.push(getLocal(sum), getLocal(x), getLocal(ofB + half), code.f32x4.multiply)
      terms.push(code.f32x4.add, setLocal(sum))
      if (start) {
        const joined = isStartShared ? loadLanes(start + column * 4) : loadLanes(start + place, inC)
        ends.push(joined, getLocal(sum), code.f32x4.add, setLocal(sum))
      }
      ends.push(storeLanes(c + place, sum, Math.min(4, columns - half * 4), inC))
    }
  }
  return { zeros: join(zeros), terms: join(terms), ends: join(ends) }
}

function clear(local: number): number[] {
  return [...constant('i', 0), ...setLocal(local)]
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
