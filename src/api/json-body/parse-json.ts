/**
 * @file JSON from strangers. JSON.parse would take more than Postgres keeps and than our code expects:
 * any depth, NUL and lone surrogates, numbers beyond a double, names that reach into prototypes.
 */
import { isStorableText } from '../../contract/common.ts'
import { AppError } from '../../contract/errors.ts'
import { toPointer } from '../validation/json-pointer.ts'
import { maxDepth, measureDepth } from './measure-depth.ts'

/** Undefined for an empty body, which some clients send where none is needed. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const text = decode(bytes)
  if (measureDepth(text) > maxDepth) {
    throw new AppError('invalid_json', `Expected JSON at most ${maxDepth} levels deep, got more.`)
  }
  const value = parse(text)
  checkValue(value, [])
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new AppError('invalid_json', 'The body is not UTF-8.', { cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be parsed'
    throw new AppError('invalid_json', `The body is not JSON: ${reason}.`, { cause })
  }
}

/** Recursive: the depth is known to be small. `path` is shared, and left as it was found. */
function checkValue(value: unknown, path: (string | number)[]): void {
  if (typeof value === 'string') {
    if (!isStorableText(value)) refuse(path, 'expected text without NUL or lone surrogates')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, 'expected a number that a double can hold')
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      path.push(i)
      checkValue(value[i], path)
      path.pop()
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) {
      path.push(name)
      checkName(name, child, path)
      checkValue(child, path)
      path.pop()
    }
  }
}

function checkName(name: string, child: unknown, path: readonly (string | number)[]): void {
  if (!isStorableText(name)) refuse(path, 'expected a name without NUL or lone surrogates')
  if (name === '__proto__') refuse(path, 'this name is not allowed')
  if (name === 'constructor' && isObject(child) && Object.hasOwn(child, 'prototype')) {
    refuse(path, 'this name is not allowed with a "prototype" in it')
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function refuse(path: readonly (string | number)[], detail: string): never {
  // A pointer is sent back as JSON, and so must be well-formed itself.
  const pointer = toPointer(path).toWellFormed()
  throw new AppError('invalid_json', `${pointer || 'The body'}: ${detail}.`, {
    errors: [{ pointer, code: 'invalid_value', detail }],
  })
}
