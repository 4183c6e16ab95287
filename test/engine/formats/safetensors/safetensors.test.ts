import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  decodeSafetensors,
  EngineError,
  encodeSafetensors,
  type NamedTensors,
  safetensorsBytes,
} from '../../../../src/engine/index.ts'

/** A file as the format says: 8 bytes of length, the header, the data. */
function fileOf(header: string, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + text.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, 8)
  return file
}

const entry = (shape: number[], offsets: number[], dtype = 'F32') =>
  JSON.stringify({ dtype, shape, data_offsets: offsets })

const names = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((name) => name !== '__metadata__')
const tensor = fc
  .tuple(fc.boolean(), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
  .map(([wide, shape]) => {
    const length = shape.reduce((a, b) => a * b, 1)
    const values = Array.from({ length }, (_, i) => i / 3 - 1)
    return { shape, data: wide ? Float64Array.from(values) : Float32Array.from(values) }
  })
const someTensors: fc.Arbitrary<NamedTensors> = fc
  .uniqueArray(fc.tuple(names, tensor), { maxLength: 5, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries))

test('the length of a file is known before there are values', () => {
  const shapes = fc.uniqueArray(fc.tuple(names, fc.array(fc.nat(9), { maxLength: 3 })), {
    maxLength: 5,
    selector: ([name]) => name,
  })
  const metadata = fc.dictionary(names, fc.string(), { minKeys: 1 })
  fc.assert(
    fc.property(shapes, metadata, (entries, metadata) => {
      const zeros = (shape: number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1))
      const tensors = entries.map(([name, shape]) => [name, { shape, data: zeros(shape) }])
      const file = encodeSafetensors(Object.fromEntries(tensors), metadata)
      const planned = entries.map(([name, shape]) => ({ name, shape }))
      const metadataBytes = Buffer.byteLength(JSON.stringify(metadata))
      expect(safetensorsBytes(planned, metadataBytes)).toBe(file.length)
    }),
  )
})

test('what is encoded is decoded: any names, shapes and metadata', () => {
  fc.assert(
    fc.property(someTensors, fc.dictionary(names, fc.string()), (tensors, metadata) => {
      const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata))
      expect(Object.entries(decoded.tensors).sort()).toEqual(Object.entries(tensors).sort())
      expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata))
    }),
  )
})

test('the header is as the format has it, and the data is aligned to 8 bytes', () => {
  const file = encodeSafetensors(
    { '0.weight': { shape: [1, 2], data: Float32Array.of(1, 2) } },
    { format: 'pt' },
  )
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true))
  const header = new TextDecoder().decode(file.subarray(8, 8 + headerBytes))

  expect(JSON.parse(header)).toEqual({
    __metadata__: { format: 'pt' },
    '0.weight': { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
  })
  expect(headerBytes % 8).toBe(0)
  expect(Array.from(new Float32Array(file.buffer, 8 + headerBytes))).toEqual([1, 2])
})

test('a file that begins anywhere in its buffer is decoded', () => {
  const file = encodeSafetensors({ a: { shape: [2], data: Float32Array.of(3, 4) } })
  const shifted = new Uint8Array(file.length + 3)
  shifted.set(file, 3)

  expect(decodeSafetensors(shifted.subarray(3)).tensors.a.data).toEqual(Float32Array.of(3, 4))
})

test('the header may name tensors in another order than that of their data', () => {
  const file = fileOf(`{"b":${entry([1], [4, 8])},"a":${entry([1], [0, 4])}}`, 8)
  new DataView(file.buffer).setFloat32(file.length - 4, 2, true)
  const { tensors } = decodeSafetensors(file)

  expect([tensors.a.data[0], tensors.b.data[0]]).toEqual([0, 2])
})

test('a tensor named __proto__ is a tensor like any other', () => {
  const { tensors } = decodeSafetensors(fileOf(`{"__proto__":${entry([0], [0, 0])}}`))

  expect(Object.keys(tensors)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype)
})

test.each([
  ['nothing', new Uint8Array(3), 'at least 8 bytes, got 3'],
  ['a header longer than the file', fileOf('{}').subarray(0, 9), 'a header of 2 bytes, got 1'],
  ['a header of more than 1 MiB', fileOf(`{${' '.repeat(1024 * 1024)}}`), '1048576 bytes'],
  ['a header length of 2^64 - 1', new Uint8Array(16).fill(255), 'it says 18446744073709551615'],
  ['leading space', fileOf(' {}'), 'must begin with {'],
  ['an empty header', fileOf(''), 'must begin with {'],
  ['broken JSON', fileOf('{"a":'), 'not valid JSON'],
  ['trailing text', fileOf('{} {}'), 'not valid JSON'],
  ['bytes that are no UTF-8', fileOf('{"\u0080"}').fill(0xff, 10, 12), 'not valid UTF-8'],
  ['a key twice', fileOf(`{"a":${entry([1], [0, 4])},"a":${entry([1], [0, 4])}}`, 4), '"a" twice'],
  ['a key twice, escaped', fileOf(`{"a":${entry([0], [0, 0])},"\\u0061":{}}`), '"a" twice'],
  [
    'a key of an entry twice',
    fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
    '"dtype" twice',
  ],
  [
    'an unknown dtype',
    fileOf(`{"a":${entry([1], [0, 4], 'F33')}}`, 4),
    'a: expected dtype F32 or F64, got "F33"',
  ],
  [
    'a dtype that nests without end',
    fileOf(
      `{"a":{"dtype":${'['.repeat(5_000)}${']'.repeat(5_000)},"shape":[1],"data_offsets":[0,4]}}`,
      4,
    ),
    'a: expected dtype F32 or F64, got object',
  ],
  [
    'a dtype from the prototype',
    fileOf(`{"a":${entry([1], [0, 4], 'toString')}}`, 4),
    'expected dtype',
  ],
  [
    'a further field',
    fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}'),
    'and nothing else',
  ],
  ['an entry that is a list', fileOf('{"a":[1,2,3]}'), 'and nothing else'],
  ['a negative dimension', fileOf(`{"a":${entry([-1], [0, 4])}}`, 4), 'shape must be a list'],
  ['a broken dimension', fileOf(`{"a":${entry([1.5], [0, 6])}}`, 6), 'shape must be a list'],
  [
    'a shape that overflows',
    fileOf(`{"a":${entry([2 ** 31, 2 ** 31], [0, 4])}}`, 4),
    'too many elements',
  ],
  ['one offset', fileOf(`{"a":${entry([1], [0])}}`, 4), 'two whole numbers'],
  [
    'offsets of another size',
    fileOf(`{"a":${entry([2], [0, 4])}}`, 4),
    'a: expected 8 bytes, got 4',
  ],
  ['offsets in reverse', fileOf(`{"a":${entry([1], [4, 0])}}`, 4), 'a: expected 4 bytes, got -4'],
  ['a gap', fileOf(`{"a":${entry([1], [4, 8])}}`, 8), 'a: expected its data at 0, got 4'],
  [
    'an overlap',
    fileOf(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 4),
    'b: expected its data at 4, got 0',
  ],
  ['data left over', fileOf(`{"a":${entry([1], [0, 4])}}`, 5), 'expected 4 bytes of data, got 5'],
  ['data cut off', fileOf(`{"a":${entry([2], [0, 8])}}`, 7), 'expected 8 bytes of data, got 7'],
  [
    'metadata that is no map of strings',
    fileOf('{"__metadata__":{"a":1}}'),
    '__metadata__ must be',
  ],
  ['metadata that is a list', fileOf('{"__metadata__":["a"]}'), '__metadata__ must be'],
])('%s is refused', (_name, file, message) => {
  expect(() => decodeSafetensors(file)).toThrow(message)
  expect(() => decodeSafetensors(file)).toThrow(EngineError)
})

test('a file with any byte changed is decoded or refused, and nothing else', () => {
  const file = encodeSafetensors({
    a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    b: { shape: [1], data: Float64Array.of(5) },
  })
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, byte, length) => {
      const changed = file.slice(0, length)
      if (at < length) changed[at] = byte
      try {
        decodeSafetensors(changed)
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError)
      }
    }),
    { numRuns: 2000 },
  )
})
