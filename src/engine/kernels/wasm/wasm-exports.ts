/**
 * @file What the WebAssembly module exports, from assembly/index.ts. All pointers are byte offsets into
 * the memory that the instance was given.
 */
import type { SequenceExports } from './sequence-exports.ts'
import type { VisionExports } from './vision-exports.ts'

export interface WasmExports extends SequenceExports, VisionExports {
  /** Gives the instance its own part of the memory to pack matrices in. */
  useWorkspace(at: number): void
  workspaceBytes(): number
  gemm(
    c: number,
    a: number,
    b: number,
    M: number,
    N: number,
    K: number,
    aRow: number,
    aColumn: number,
    bRow: number,
    bColumn: number,
    cRow: number,
    accumulate: boolean,
  ): void
  denseForward(
    y: number,
    x: number,
    weight: number,
    bias: number,
    N: number,
    I: number,
    O: number,
  ): void
  denseBackwardParameters(
    dweight: number,
    dbias: number,
    dy: number,
    x: number,
    N: number,
    I: number,
    O: number,
  ): void

  sigmoidForward: Unary
  sigmoidBackward: Binary
  tanhForward: Unary
  tanhBackward: Binary
  reluForward: Unary
  reluBackward: Binary
  geluForward: Unary
  geluForwardSlope: Binary
  geluTanhForward: Unary
  geluTanhForwardSlope: Binary
  softmaxForward: RowUnary
  softmaxBackward: RowBinary
  dropoutForward(
    y: number,
    mask: number,
    x: number,
    threshold: number,
    scale: number,
    seedLow: number,
    seedHigh: number,
    stream: number,
    step: number,
    from: number,
    to: number,
  ): void

  squaredErrorForward: RowBinary
  squaredErrorBackward: Averaged
  binaryCrossEntropyForward: RowBinary
  binaryCrossEntropyBackward: Averaged
  countCorrectSigns(x: number, targets: number, n: number): number
  categoricalCrossEntropyForward(
    losses: number,
    probabilities: number,
    x: number,
    targets: number,
    N: number,
    C: number,
  ): void
  categoricalCrossEntropyBackward(
    dx: number,
    probabilities: number,
    targets: number,
    N: number,
    C: number,
    total: number,
  ): void
  countCorrectClasses(x: number, targets: number, N: number, C: number): number

  sgdStep(p: number, g: number, learningRate: number, weightDecay: number, n: number): void
  momentumStep(
    p: number,
    v: number,
    g: number,
    learningRate: number,
    momentum: number,
    nesterov: boolean,
    weightDecay: number,
    n: number,
  ): void
  adamStep(
    p: number,
    m: number,
    v: number,
    g: number,
    learningRate: number,
    beta1: number,
    oneMinusBeta1: number,
    beta2: number,
    oneMinusBeta2: number,
    eps: number,
    mScale: number,
    vScale: number,
    l2: number,
    keep: number,
    n: number,
  ): void
  rmspropStep(
    p: number,
    s: number,
    g: number,
    learningRate: number,
    alpha: number,
    oneMinusAlpha: number,
    eps: number,
    weightDecay: number,
    n: number,
  ): void
  rmspropMomentumStep(
    p: number,
    s: number,
    u: number,
    g: number,
    learningRate: number,
    alpha: number,
    oneMinusAlpha: number,
    eps: number,
    momentum: number,
    weightDecay: number,
    n: number,
  ): void

  clear(x: number, n: number): void
  copy: Unary
  scale(x: number, factor: number, n: number): void
  fillRows(y: number, b: number, rows: number, width: number): void
  multiply: Binary
  sum(x: number, n: number): number
  dot(x: number, y: number, n: number): number
  addColumnSums(out: number, x: number, rows: number, columns: number, width: number): void
}

/** (out, in, n) */
export type Unary = (y: number, x: number, n: number) => void
/** (out, in, in, n) */
export type Binary = (z: number, y: number, x: number, n: number) => void
/** (out, in, rows, columns) */
export type RowUnary = (y: number, x: number, N: number, C: number) => void
/** (out, in, in, rows, columns) */
export type RowBinary = (z: number, y: number, x: number, N: number, C: number) => void
/** (out, in, targets, n, what the mean is over) */
export type Averaged = (dx: number, x: number, targets: number, n: number, total: number) => void
