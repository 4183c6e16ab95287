/** @file Every kernel table that this machine has, in both precisions: one suite runs over all. */
import { type Dtype, referenceKernels } from '../../src/engine/index.ts'

export const kernelTables = [referenceKernels]

export interface Precision {
  readonly dtype: Dtype
  /** Of the largest value of a tensor: for one pass, and after ten optimizer steps. */
  readonly bar: number
  readonly barAfterSteps: number
}

/** float32 by the bars of the references; float64 so strictly that only a mistake can fail it. */
const precisions: readonly Precision[] = [
  { dtype: 'float32', bar: 1e-5, barAfterSteps: 1e-4 },
  { dtype: 'float64', bar: 1e-9, barAfterSteps: 1e-9 },
]

export const tablesAndPrecisions = kernelTables.flatMap((kernels) =>
  precisions.map((precision) => ({ kernels, table: kernels.name, ...precision })),
)
