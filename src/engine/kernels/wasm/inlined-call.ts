/** @file Which recorded calls are small products, and the instructions that take their place. */
import type { RecordedCall } from '../backend.ts'
import { inlineColumnSums, inlineProduct, type Product } from './inlined-product.ts'
import { join } from './wasm-encoder.ts'

/** Multiplications: of more, what is spent on tiles is a small part. */
export const maxProducts = 4096
/** One block of the canonical order. */
const maxTerms = 256

/** Of the module, for the instructions of all: what is longer takes long to compile. */
const maxBytes = 32_768

/** Gives the instructions of one call after the other; null where it is another one, or too large. */
export function createInliner(firstVector: number, workspace: number) {
  let left = maxBytes
  return (call: RecordedCall): number[] | null => {
    const product = productOf(call)
    if (!product || !isSmall(product) || !isReadable(product)) return null
    const encoded = join([
      inlineProduct(product, firstVector, workspace),
      inlineBiasGradient(call, firstVector),
    ])
    if (encoded.length > left) return null
    left -= encoded.length
    return encoded
  }
}

function isSmall({ M, N, K }: Product): boolean {
  return K <= maxTerms && M * N * K <= maxProducts
}

/** Whether B can be read as it lies, or transposed. A row that is repeated (0 apart) would end the loop over k. */
function isReadable({ bRow, bColumn }: Product): boolean {
  return (bColumn === 1 && bRow > 0) || bRow === 1
}

function inlineBiasGradient({ name, args }: RecordedCall, firstVector: number): number[] {
  const [, dbias, dy, , N, , O] = args
  if (name !== 'denseBackwardParameters' || !dbias) return []
  return inlineColumnSums(dbias, dy, N, O, firstVector)
}

function productOf({ table, name, args }: RecordedCall): Product | null {
  if (table !== 'wasm') return null
  if (name === 'gemm') {
    const [c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate] = args
    const sizes = { c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow }
    return { ...sizes, start: accumulate ? c : 0, isStartShared: false }
  }
  if (name === 'denseForward') {
    const [y, x, weight, bias, N, I, O] = args
    const places = { c: y, a: x, b: weight, start: bias, isStartShared: true }
    return { ...places, M: N, N: O, K: I, aRow: I, aColumn: 1, bRow: 1, bColumn: I, cRow: O }
  }
  if (name === 'denseBackwardParameters') {
    const [dweight, , dy, x, N, I, O] = args
    const places = { c: dweight, a: dy, b: x, start: dweight, isStartShared: false }
    return { ...places, M: O, N: I, K: N, aRow: 1, aColumn: O, bRow: I, bColumn: 1, cRow: I }
  }
  return null
}
