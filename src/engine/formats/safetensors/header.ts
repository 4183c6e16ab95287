/**
 * @file The header of a safetensors file: what it may say, checked before a byte of data is touched.
 *
 * A file may come from anybody. So the header is bounded, its keys are unique, its types are known,
 * its shapes cannot overflow, and its offsets cover the data exactly, in order, without a gap.
 */
import { EngineError } from '../../errors.ts'
import type { Dtype, FloatArray } from '../../memory/float-array.ts'
import { elementBytes } from '../../memory/float-array.ts'
import type { Shape } from '../../shape.ts'
import { findDuplicateKey } from './find-duplicate-key.ts'

export const maxHeaderBytes = 1024 * 1024

export interface HeaderEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: Shape
  /** From the start of the data. */
  readonly start: number
  readonly end: number
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of their data. */
  readonly entries: readonly HeaderEntry[]
}

const dtypes: Readonly<Record<string, Dtype>> = { F32: 'float32', F64: 'float64' }

export function safetensorsDtypeOf(data: FloatArray): 'F32' | 'F64' {
  return data instanceof Float64Array ? 'F64' : 'F32'
}

export function invalidSafetensors(message: string): EngineError {
  return new EngineError('invalid_safetensors', `safetensors: ${message}`)
}

/** Throws `invalid_safetensors` unless `text` describes exactly `dataBytes` bytes of tensors. */
export function parseHeader(text: string, dataBytes: number): SafetensorsHeader {
  const fields = parseObject(text)
  const duplicate = findDuplicateKey(text)
  if (duplicate !== undefined) {
    throw invalidSafetensors(`the header has the key ${JSON.stringify(duplicate)} twice.`)
  }
  let metadata: Readonly<Record<string, string>> = {}
  const entries: HeaderEntry[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__metadata__') metadata = requireMetadata(value)
    else entries.push(requireEntry(name, value))
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end)
  let covered = 0
  for (const { name, start, end } of entries) {
    if (start !== covered) {
      throw invalidSafetensors(`${name}: expected its data at ${covered}, got ${start}.`)
    }
    covered = end
  }
  if (covered !== dataBytes) {
    throw invalidSafetensors(`expected ${covered} bytes of data, got ${dataBytes}.`)
  }
  return { metadata, entries }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidSafetensors('the header is not valid JSON.')
  }
  if (!isRecord(value)) throw invalidSafetensors('the header must be a JSON object.')
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requireMetadata(value: unknown): Record<string, string> {
  if (isRecord(value) && isStringMap(value)) return value
  throw invalidSafetensors('__metadata__ must be an object of strings.')
}

function isStringMap(value: Record<string, unknown>): value is Record<string, string> {
  return Object.values(value).every((entry) => typeof entry === 'string')
}

function requireEntry(name: string, value: unknown): HeaderEntry {
  if (!isRecord(value) || Object.keys(value).length !== 3) {
    throw invalidSafetensors(`${name}: expected dtype, shape and data_offsets, and nothing else.`)
  }
  const { dtype: dtypeName, shape, data_offsets: offsets } = value
  const known = typeof dtypeName === 'string' && Object.hasOwn(dtypes, dtypeName)
  if (!known) {
    // Anything else may nest deeper than the stack of whoever writes it down.
    const came = typeof dtypeName === 'string' ? JSON.stringify(dtypeName) : typeof dtypeName
    throw invalidSafetensors(`${name}: expected dtype F32 or F64, got ${came}.`)
  }
  const dtype = dtypes[dtypeName]
  if (!isCountList(shape)) {
    throw invalidSafetensors(`${name}: shape must be a list of whole numbers.`)
  }
  if (!isCountList(offsets) || offsets.length !== 2) {
    throw invalidSafetensors(`${name}: data_offsets must be two whole numbers.`)
  }
  const [start, end] = offsets
  const sizeBytes = countBytes(name, shape, elementBytes[dtype])
  if (end - start !== sizeBytes) {
    throw invalidSafetensors(`${name}: expected ${sizeBytes} bytes, got ${end - start}.`)
  }
  return { name, dtype, shape, start, end }
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

/** The product of the shape, refused as soon as it is no exact number any more. */
function countBytes(name: string, shape: readonly number[], bytesPerElement: number): number {
  let sizeBytes = bytesPerElement
  for (const dimension of shape) {
    sizeBytes *= dimension
    if (!Number.isSafeInteger(sizeBytes)) {
      throw invalidSafetensors(`${name}: the shape has too many elements.`)
    }
  }
  return sizeBytes
}
