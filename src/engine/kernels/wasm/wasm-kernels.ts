/** @file The fast table: WebAssembly SIMD over the job's memory, alone or as one thread of a team. */
import { numericsVersions } from '../../numerics/version.ts'
import type { Kernels } from '../kernels.ts'
import type { Team } from '../team.ts'
import { attentionKernels } from './attention.ts'
import { batchNormKernels } from './batch-norm.ts'
import { convolutionKernels } from './convolution.ts'
import { denseKernels } from './dense.ts'
import { createDivider } from './divide.ts'
import { elementwiseKernels } from './elementwise.ts'
import { embeddingKernels } from './embedding.ts'
import { geluKernels } from './gelu.ts'
import { lossKernels } from './losses.ts'
import type { MatrixProduct } from './matrix-product.ts'
import { normKernels } from './norms.ts'
import { optimizerKernels } from './optimizers.ts'
import { poolingKernels } from './pooling.ts'
import type { WasmExports } from './wasm-exports.ts'

export function createWasmKernels(
  name: 'wasm' | 'native',
  wasm: WasmExports,
  product: MatrixProduct,
  team: Team,
  /** The same, not divided over the team: for kernels that divide their work themselves. */
  ownProduct: MatrixProduct,
): Kernels {
  const divide = createDivider(team)
  return {
    name,
    numericsVersion: numericsVersions[name],
    ...denseKernels(wasm, product, team),
    sigmoidForward: divide.unary(wasm.sigmoidForward),
    sigmoidBackward: divide.binary(wasm.sigmoidBackward),
    tanhForward: divide.unary(wasm.tanhForward),
    tanhBackward: divide.binary(wasm.tanhBackward),
    reluForward: divide.unary(wasm.reluForward),
    reluBackward: divide.binary(wasm.reluBackward),
    ...geluKernels(wasm, divide),
    softmaxForward: divide.rowUnary(wasm.softmaxForward),
    softmaxBackward: divide.rowBinary(wasm.softmaxBackward),
    ...lossKernels(wasm, divide, team),
    ...optimizerKernels(wasm, team),
    ...elementwiseKernels(wasm, divide, team),
    ...normKernels(wasm, team),
    ...embeddingKernels(wasm, divide, team),
    ...attentionKernels(wasm, ownProduct, team),
    ...convolutionKernels(wasm, ownProduct, team),
    ...poolingKernels(wasm, team),
    ...batchNormKernels(wasm, team),
  }
}
