/**
 * @file Rows of a source into a batch, as floats.
 *
 * One loop per type of array, all alike: a loop that met several types would be compiled for all of
 * them, and run several times slower. Floats that are not scaled are copied: times 1 and plus 0 would
 * make a zero of a negative zero.
 */
import type { FloatArray } from '../memory/float-array.ts'
import type { RowSource } from '../memory/row-source.ts'

/** y[r, :] = row order[start + r] of the source, or row start + r where there is no order. */
export function loadRows(
  y: FloatArray, // (rows, width)
  { values, stride, scale = 1, offset = 0 }: RowSource,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
): void {
  const step = stride ?? width
  if (values instanceof Uint8Array) {
    loadUint8(y, values, order, start, rows, width, step, scale, offset)
  } else if (values instanceof Uint16Array) {
    loadUint16(y, values, order, start, rows, width, step, scale, offset)
  } else if (values instanceof Uint32Array) {
    loadUint32(y, values, order, start, rows, width, step, scale, offset)
  } else if (scale !== 1 || offset !== 0) {
    scaleFloats(y, values, order, start, rows, width, step, scale, offset)
  } else if (values instanceof Float32Array) {
    copyFloat32(y, values, order, start, rows, width, step)
  } else {
    copyFloat64(y, values, order, start, rows, width, step)
  }
}

function copyFloat32(
  y: FloatArray,
  source: Float32Array,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i]
  }
}

function copyFloat64(
  y: FloatArray,
  source: Float64Array,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i]
  }
}

function scaleFloats(
  y: FloatArray,
  source: FloatArray,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i] * scale + offset
  }
}

function loadUint8(
  y: FloatArray,
  source: Uint8Array,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i] * scale + offset
  }
}

function loadUint16(
  y: FloatArray,
  source: Uint16Array,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i] * scale + offset
  }
}

function loadUint32(
  y: FloatArray,
  source: Uint32Array,
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * stride
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i] * scale + offset
  }
}
