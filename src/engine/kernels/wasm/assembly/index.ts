/** @file What the module exports: each name is typed in ../wasm-exports.ts. */
export {
  geluBackward,
  geluForward,
  geluTanhBackward,
  geluTanhForward,
  reluBackward,
  reluForward,
  sigmoidBackward,
  sigmoidForward,
  tanhBackward,
  tanhForward,
} from './activations'
export { dropoutForward } from './dropout'
export { addToRows, clear, copy, multiply, scale } from './elementwise'
export { gemm, useWorkspace, workspaceBytes } from './gemm'
export {
  binaryCrossEntropyBackward,
  binaryCrossEntropyForward,
  countCorrectSigns,
  squaredErrorBackward,
  squaredErrorForward,
} from './losses'
export {
  adamStep,
  momentumStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from './optimizers'
export {
  categoricalCrossEntropyBackward,
  categoricalCrossEntropyForward,
  countCorrectClasses,
  softmaxBackward,
  softmaxForward,
} from './softmax'
export { addColumnSums, dot, sum } from './sums'
