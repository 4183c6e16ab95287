/** @file The affine map by matrix products. */
import type { Kernels } from '../kernels.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { MatrixProduct } from './matrix-product.ts'
import { productFrom } from './native-kernels.ts'
import type { WasmExports } from './wasm-exports.ts'

type DenseKernels = Pick<Kernels, 'denseForward' | 'denseBackwardInput' | 'denseBackwardParameters'>

export function denseKernels(wasm: WasmExports, product: MatrixProduct, team: Team): DenseKernels {
  /** y[r, :] = b, this thread's rows. */
  function startFromBias(y: number, bias: number, N: number, O: number): void {
    const from = shareStart(team, N, 1)
    wasm.fillRows(y + from * O * 4, bias, shareEnd(team, N, 1) - from, O)
    team.meet()
  }

  /** db += the sums of dy's columns, this thread's columns. */
  function addBiasGradient(dbias: number, dy: number, N: number, O: number): void {
    const from = shareStart(team, O, 16)
    wasm.addColumnSums(dbias + from * 4, dy + from * 4, N, shareEnd(team, O, 16) - from, O)
    team.meet()
  }

  /** Whether a call costs more than it could save to divide the layer, or to leave WebAssembly. */
  const isSmall = (products: number) => team.count === 1 && products < productFrom

  return {
    denseForward(y, x, weight, bias, N, I, O) {
      if (isSmall(N * I * O)) {
        const start = bias?.byteOffset ?? 0
        wasm.denseForward(y.byteOffset, x.byteOffset, weight.byteOffset, start, N, I, O)
        return
      }
      if (bias) startFromBias(y.byteOffset, bias.byteOffset, N, O)
      // (N, O) = bias + (N, I) (O, I)^T
      const [c, a, b] = [y.byteOffset, x.byteOffset, weight.byteOffset]
      product(c, a, b, N, O, I, I, 1, 1, I, O, bias !== null)
    },

    denseBackwardInput(dx, dy, weight, N, I, O) {
      // (N, I) = (N, O) (O, I)
      product(dx.byteOffset, dy.byteOffset, weight.byteOffset, N, I, O, O, 1, I, 1, I, false)
    },

    denseBackwardParameters(dweight, dbias, dy, x, N, I, O) {
      if (isSmall(N * I * O)) {
        const sums = dbias?.byteOffset ?? 0
        const [dw, slope, input] = [dweight.byteOffset, dy.byteOffset, x.byteOffset]
        wasm.denseBackwardParameters(dw, sums, slope, input, N, I, O)
        return
      }
      // (O, I) += (N, O)^T (N, I)
      product(dweight.byteOffset, dy.byteOffset, x.byteOffset, O, I, N, 1, O, I, 1, I, true)
      if (dbias) addBiasGradient(dbias.byteOffset, dy.byteOffset, N, O)
    },
  }
}
