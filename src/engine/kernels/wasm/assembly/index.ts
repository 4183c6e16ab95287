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
export {
  attentionDropout,
  attentionLooks,
  attentionLooksAgain,
  attentionSlopes,
} from './attention'
export { dropoutForward } from './dropout'
export { addToRows, clear, copy, multiply, scale } from './elementwise'
export { add, addRow, embeddingBackward, embeddingForward } from './embedding'
export { gemm, useWorkspace, workspaceBytes } from './gemm'
export {
  binaryCrossEntropyBackward,
  binaryCrossEntropyForward,
  countCorrectSigns,
  squaredErrorBackward,
  squaredErrorForward,
} from './losses'
export { normBackwardInput, normBackwardParameters, normForward } from './norms'
export {
  adamStep,
  momentumStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from './optimizers'
export { turnHeads } from './rotary'
export {
  categoricalCrossEntropyBackward,
  categoricalCrossEntropyForward,
  countCorrectClasses,
  softmaxBackward,
  softmaxForward,
} from './softmax'
export { addColumnSums, dot, sum } from './sums'
