/** @file Every kernel table that this machine has, in every precision that it has: one suite runs over all. */
import type {
  Dtype,
  FloatArray,
  KernelBackend,
  Kernels,
  KernelTable,
} from '../../src/engine/index.ts'
import { createLayout, viewRegion } from '../../src/engine/memory/layout.ts'
import { loadKernels } from '../../src/threads/kernel-backend.ts'

/** Kernels, and arrays that they can work on. */
export interface TestKernels {
  readonly kernels: Kernels
  array(length: number): FloatArray
  /** The same, filled. */
  arrayOf(values: ArrayLike<number>): FloatArray
}

export interface TestTable {
  readonly name: KernelTable
  readonly backend: KernelBackend
  /** The first is the one that most tests use. */
  readonly dtypes: readonly Dtype[]
  /** Decimals that are right of numbers about 1. */
  readonly digits: number
  open(dtype?: Dtype, bytes?: number): TestKernels
}

const MiB = 1024 * 1024

function tableOf(name: KernelTable, dtypes: readonly Dtype[]): TestTable {
  const { backend } = loadKernels(name)
  return {
    name,
    backend,
    dtypes,
    digits: dtypes[0] === 'float64' ? 14 : 6,
    open(dtype = dtypes[0], bytes = 4 * MiB) {
      const { kernels, memory } = backend.open(bytes)
      const layout = createLayout(dtype)
      const array = (length: number) => viewRegion(memory, dtype, layout.reserve(length))
      return {
        kernels,
        array,
        arrayOf(values) {
          const copy = array(values.length)
          copy.set(values)
          return copy
        },
      }
    },
  }
}

const { nativeMissing } = loadKernels('auto')

export const kernelTables: readonly TestTable[] = [
  tableOf('reference', ['float64', 'float32']),
  tableOf('wasm', ['float32']),
  ...(nativeMissing === null ? [tableOf('native', ['float32'])] : []),
]

export interface Precision {
  readonly dtype: Dtype
  /** Of the largest value of a tensor: for one pass, and after ten optimizer steps. */
  readonly bar: number
  readonly barAfterSteps: number
}

/** float32 by the bars of the references; float64 so strictly that only a mistake can fail it. */
const precisions: Readonly<Record<Dtype, Precision>> = {
  float32: { dtype: 'float32', bar: 1e-5, barAfterSteps: 1e-4 },
  float64: { dtype: 'float64', bar: 1e-9, barAfterSteps: 1e-9 },
}

export const tablesAndPrecisions = kernelTables.flatMap((table) =>
  table.dtypes.map((dtype) => ({ table, name: table.name, ...precisions[dtype] })),
)
