/** @file What the module exports for work on images, from assembly/{convolution,pooling,batch-norm}.ts. */
export interface VisionExports {
  gatherColumns(
    columns: number,
    x: number,
    kFrom: number,
    kEnd: number,
    ohFrom: number,
    ohEnd: number,
    H: number,
    W: number,
    kH: number,
    kW: number,
    sH: number,
    sW: number,
    pH: number,
    pW: number,
    OW: number,
  ): void
  scatterColumns: Pool
  fillPlanes(y: number, bias: number, O: number, count: number, size: number): void
  addPlaneSums(
    dbias: number,
    dy: number,
    images: number,
    from: number,
    end: number,
    O: number,
    size: number,
  ): void
  addTransposed(out: number, x: number, rows: number, columns: number, width: number): void
  combineRows(
    y: number,
    columns: number,
    weight: number,
    bias: number,
    K: number,
    count: number,
  ): void
  spreadRows(columns: number, dy: number, weight: number, K: number, count: number): void
  addRowProducts(dweight: number, columns: number, dy: number, K: number, count: number): void

  winogradWeights(
    u: number,
    weight: number,
    from: number,
    end: number,
    columns: number,
    wRow: number,
    wColumn: number,
    turned: boolean,
    kStride: number,
  ): void
  winogradWeightGradient(
    dweight: number,
    du: number,
    from: number,
    end: number,
    columns: number,
    kStride: number,
  ): void
  winogradInput(
    v: number,
    x: number,
    images: number,
    channels: number,
    thFrom: number,
    thEnd: number,
    rFrom: number,
    rEnd: number,
    kStride: number,
    row: number,
    H: number,
    W: number,
    pH: number,
    pW: number,
    TW: number,
  ): void
  winogradOutput(
    y: number,
    m: number,
    bias: number,
    images: number,
    channels: number,
    thFrom: number,
    thEnd: number,
    kStride: number,
    row: number,
    OH: number,
    OW: number,
    TW: number,
  ): void
  winogradOutputGradient(
    dm: number,
    dy: number,
    images: number,
    channels: number,
    thFrom: number,
    thEnd: number,
    rFrom: number,
    rEnd: number,
    kStride: number,
    row: number,
    OH: number,
    OW: number,
    TW: number,
  ): void

  maxPoolForward: Pool
  maxPoolBackward(
    dx: number,
    dy: number,
    y: number,
    x: number,
    planes: number,
    H: number,
    W: number,
    kH: number,
    kW: number,
    sH: number,
    sW: number,
    pH: number,
    pW: number,
    OH: number,
    OW: number,
  ): void
  averagePoolForward: Pool
  averagePoolBackward: Pool
  meanForward(y: number, x: number, rows: number, size: number): void
  meanBackward(dx: number, dy: number, rows: number, size: number): void

  batchNormForward(
    y: number,
    mean: number,
    rstd: number,
    runningMean: number,
    runningVariance: number,
    x: number,
    weight: number,
    bias: number,
    epsilon: number,
    momentum: number,
    N: number,
    C: number,
    S: number,
    from: number,
    end: number,
  ): void
  batchNormEvaluate(
    y: number,
    x: number,
    runningMean: number,
    runningVariance: number,
    weight: number,
    bias: number,
    epsilon: number,
    C: number,
    S: number,
    from: number,
    end: number,
  ): void
  batchNormBackward(
    dx: number,
    dweight: number,
    dbias: number,
    dy: number,
    x: number,
    mean: number,
    rstd: number,
    weight: number,
    N: number,
    C: number,
    S: number,
    from: number,
    end: number,
  ): void
}

/** (out, in, planes, the window) */
export type Pool = (
  y: number,
  x: number,
  planes: number,
  H: number,
  W: number,
  kH: number,
  kW: number,
  sH: number,
  sW: number,
  pH: number,
  pW: number,
  OH: number,
  OW: number,
) => void
