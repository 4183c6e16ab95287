/** @file The Gaussian error linear unit: what is saved for the backward pass is the slope. */
import type { Kernels } from '../kernels.ts'
import type { Divider } from './divide.ts'
import type { WasmExports } from './wasm-exports.ts'

type GeluKernels = Pick<
  Kernels,
  'geluForward' | 'geluBackward' | 'geluTanhForward' | 'geluTanhBackward'
>

export function geluKernels(wasm: WasmExports, divide: Divider): GeluKernels {
  const forward = (
    value: ReturnType<Divider['unary']>,
    valueAndSlope: ReturnType<Divider['binary']>,
  ): Kernels['geluForward'] => {
    return (y, saved, x, n) => (saved ? valueAndSlope(y, saved, x, n) : value(y, x, n))
  }
  return {
    geluForward: forward(divide.unary(wasm.geluForward), divide.binary(wasm.geluForwardSlope)),
    geluBackward: divide.binary(wasm.multiply),
    geluTanhForward: forward(
      divide.unary(wasm.geluTanhForward),
      divide.binary(wasm.geluTanhForwardSlope),
    ),
    geluTanhBackward: divide.binary(wasm.multiply),
  }
}
