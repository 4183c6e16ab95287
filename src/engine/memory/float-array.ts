/**
 * @file The two element types. Jobs run in float32; float64 is for gradient checks and parity tests,
 * where rounding must not hide a mistake.
 */
export type Dtype = 'float32' | 'float64'

/** All arrays of one job are of one type, so that the kernels' loops stay monomorphic. */
export type FloatArray = Float32Array | Float64Array

export const elementBytes: Readonly<Record<Dtype, number>> = { float32: 4, float64: 8 }

export function createFloatArray(dtype: Dtype, length: number): FloatArray {
  return dtype === 'float64' ? new Float64Array(length) : new Float32Array(length)
}

export function viewFloats(
  dtype: Dtype,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): FloatArray {
  return dtype === 'float64'
    ? new Float64Array(buffer, byteOffset, length)
    : new Float32Array(buffer, byteOffset, length)
}
