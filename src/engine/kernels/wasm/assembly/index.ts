/** @file What the module exports: each name is typed in ../wasm-exports.ts. */
export {
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
export { add, addRow, embeddingBackward, embeddingForward } from './embedding'
export { batchNormBackward, batchNormEvaluate, batchNormForward } from './batch-norm'
export {
  addPlaneSums,
  addRowProducts,
  addTransposed,
  combineRows,
  fillPlanes,
  gatherColumns,
  scatterColumns,
  spreadRows,
} from './convolution'
export { denseBackwardParameters, denseForward } from './dense'
export { dropoutForward } from './dropout'
export { fillRows, clear, copy, multiply, scale } from './elementwise'
export {
  geluForward,
  geluForwardSlope,
  geluTanhForward,
  geluTanhForwardSlope,
} from './gelu'
export { gemm } from './gemm'
export {
  binaryCrossEntropyBackward,
  binaryCrossEntropyForward,
  countCorrectSigns,
  squaredErrorBackward,
  squaredErrorForward,
} from './losses'
export { normBackwardInput, normBackwardParameters, normForward } from './norms'
export {
  averagePoolBackward,
  averagePoolForward,
  maxPoolBackward,
  maxPoolForward,
  meanBackward,
  meanForward,
} from './pooling'
export {
  adamStep,
  momentumStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from './optimizers'
export { useWorkspace, workspaceBytes } from './packing'
export { turnHeads } from './rotary'
export {
  categoricalCrossEntropyBackward,
  categoricalCrossEntropyForward,
  countCorrectClasses,
  softmaxBackward,
  softmaxForward,
} from './softmax'
export { addColumnSums, dot, sum } from './sums'
export {
  winogradInput,
  winogradOutput,
  winogradOutputGradient,
  winogradWeightGradient,
  winogradWeights,
} from './winograd'
