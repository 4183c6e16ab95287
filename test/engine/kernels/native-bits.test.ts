/**
 * @file The kernels in machine code against those of WebAssembly, bit by bit: any length, and numbers of
 * every kind. Both on memories of their own, filled alike; then the whole memories are compared.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { NativeExports } from '../../../src/engine/kernels/wasm/native-kernels.ts'
import type { WasmExports } from '../../../src/engine/kernels/wasm/wasm-exports.ts'
import { kernelTables } from '../kernel-tables.ts'

type KernelName = Exclude<keyof NativeExports, 'gemm'>

const pages = 4
const wasmMemory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
const nativeMemory = new Uint8Array(pages * 65_536)
const module = new WebAssembly.Module(readFileSync('src/engine/kernels/generated/kernels.wasm'))
const wasm = new WebAssembly.Instance(module, { env: { memory: wasmMemory } })
  .exports as unknown as WasmExports
const wasmValues = new Float32Array(wasmMemory.buffer)
const nativeValues = new Float32Array(nativeMemory.buffer)

/** AssemblyScript's constants lie below it. */
const firstByte = 65_536
/** Apart from each other; no array of a case is longer. */
const arrayBytes = 28_672
/** An offset of no array, and arrays that begin anywhere: no vector is aligned. */
const arrayAt = (index: number) => firstByte + index * arrayBytes + 4 * (index + 1)
const [a0, a1, a2, a3, a4, a5] = [0, 1, 2, 3, 4, 5].map(arrayAt)

const denormal = 1e-41
/** What optimizers take for zero is below these. */
const edges = [2 ** -56, 2 ** -100, 2 ** -126].flatMap((edge) => [
  edge,
  -edge,
  edge * (1 - 2 ** -24),
])
const special = [
  ...[Number.NaN, Infinity, -Infinity, -0, 0, denormal, -denormal, 3e38, -3e38, 88.5],
  ...[1e-17, -1e-20, ...edges],
]

/** Values about 1, of which one of `rarity` is special; rarity 0 has none. */
function fill(seed: number, rarity: number, scale: number): void {
  let state = seed
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  for (let i = firstByte / 4; i < wasmValues.length; i++) {
    const isSpecial = rarity > 0 && draw() * rarity < 1
    wasmValues[i] = isSpecial
      ? special[Math.floor(draw() * special.length)]
      : (draw() - 0.5) * scale
  }
}

const { bind } = kernelTables.some(({ name }) => name === 'native')
  ? createRequire(import.meta.url)('../../../src/engine/kernels/generated/kernels.node')
  : { bind: () => null }
const widths = [
  { name: 'what is fastest here', native: bind(nativeMemory) as NativeExports },
  { name: 'AVX2', native: bind(nativeMemory, 8) as NativeExports },
]

/** Runs a kernel on both memories, and compares all of them. */
function compare<Name extends KernelName>(
  native: NativeExports,
  name: Name,
  ...args: Parameters<WasmExports[Name]>
): void {
  nativeValues.set(wasmValues)
  const call = (kernels: Pick<WasmExports, KernelName>) =>
    (kernels[name] as (...args: unknown[]) => void)(...args)
  call(wasm)
  call(native)
  expect(firstDifference()).toBe(null)
}

const wasmBits = new Uint32Array(wasmValues.buffer)
const nativeBits = new Uint32Array(nativeValues.buffer)

/** A NaN may have any sign and payload: WebAssembly leaves them open. */
function firstDifference() {
  for (let i = firstByte / 4; i < wasmBits.length; i++) {
    if (wasmBits[i] === nativeBits[i]) continue
    const [expected, got] = [wasmValues[i], nativeValues[i]]
    if (!Number.isNaN(expected) || !Number.isNaN(got)) return { byte: i * 4, expected, got }
  }
  return null
}

const numbers = {
  seed: fc.integer({ min: 1, max: 1e9 }),
  rarity: fc.constantFrom(0, 200, 12),
  scale: fc.constantFrom(0, 2, 12, 200), // 0: zeros of both signs
}
const length = fc.integer({ min: 1, max: 300 })
const rows = fc.integer({ min: 1, max: 9 })
const width = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(16, 32, 64, 128))
const isThere = fc.boolean()

describe.runIf(widths[0].native).each(widths)('by $name, the bits of WebAssembly', ({ native }) => {
  function check<T>(shapes: fc.Arbitrary<T>, body: (shape: T) => void): void {
    fc.assert(
      fc.property(shapes, fc.record(numbers), (shape, { seed, rarity, scale }) => {
        fill(seed, rarity, scale)
        body(shape)
      }),
      { numRuns: 60 },
    )
  }

  test.each(['add', 'reluForward', 'geluForward', 'geluTanhForward'] as const)('%s', (name) => {
    check(length, (n) => compare(native, name, a0, a1, n))
  })

  test.each(['multiply', 'reluBackward', 'geluForwardSlope', 'geluTanhForwardSlope'] as const)(
    '%s',
    (name) => {
      check(length, (n) => compare(native, name, a0, a1, a2, n))
    },
  )

  test('norms', () => {
    check(
      fc.tuple(rows, width, isThere, isThere, isThere),
      ([N, C, hasMean, hasBias, overflows]) => {
        const [mean, bias] = [hasMean ? a1 : 0, hasBias ? a5 : 0]
        compare(native, 'normForward', a0, mean, a2, a3, a4, bias, 1e-5, N, C)
        if (overflows) wasmValues[a1 / 4] = Infinity
        compare(native, 'normBackwardInput', a0, a5, mean, a2, a3, a4, N, C)
      },
    )
  })

  test("gradients of a norm's parameters, past a block of 256 rows", () => {
    const manyRows = fc.constantFrom(3, 40, 256, 258)
    const columns = fc.integer({ min: 1, max: 150 })
    check(fc.tuple(manyRows, columns, isThere, isThere), ([N, most, hasMean, hasBias]) => {
      const C = Math.min(most, Math.floor(7000 / N))
      const [mean, dbias] = [hasMean ? a3 : 0, hasBias ? a1 : 0]
      compare(native, 'normBackwardParameters', a0, dbias, a2, mean, a4, a5, N, C, C)
      compare(native, 'normBackwardParameters', a0, dbias, a2, mean, a4, a5, N, (C + 1) >> 1, C)
    })
  })

  test('sums of columns, past a block of 256 rows', () => {
    const shapes = fc.tuple(fc.constantFrom(3, 40, 256, 258), fc.integer({ min: 1, max: 150 }))
    check(shapes, ([N, most]) => {
      const C = Math.min(most, Math.floor(7000 / N))
      compare(native, 'addColumnSums', a0, a1, N, C, C)
      compare(native, 'addColumnSums', a0, a1, N, (C + 1) >> 1, C)
    })
  })

  test('looks of attention, again, and their slopes', () => {
    check(
      fc.tuple(rows, fc.integer({ min: 0, max: 80 }), width, isThere, isThere),
      ([count, first, D, isCausal, hasPadding]) => {
        const keys = first + count
        const tokens = hasPadding ? a5 : 0
        const looks = [a1, count, keys, first, isCausal, 0.3, tokens, wasmValues[a5 / 4]] as const
        compare(native, 'attentionLooks', a0, ...looks)
        compare(native, 'attentionLooksAgain', a2, ...looks)
        compare(native, 'attentionSlopes', a2, a0, a3, a4, count, keys, first, isCausal, 0.3, D, D)
      },
    )
  })

  test('categorical cross-entropy', () => {
    check(fc.tuple(rows, width), ([N, C]) => {
      for (let n = 0; n < N; n++) wasmValues[a3 / 4 + n] = (n * 7) % C
      compare(native, 'categoricalCrossEntropyForward', a0, a1, a2, a3, N, C)
    })
  })

  test('adamStep', () => {
    const settings = [1e-3, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-8, 1.7, 1.2, 0.01, 0.99] as const
    check(length, (n) => compare(native, 'adamStep', a0, a1, a2, a3, ...settings, n))
  })

  test('nothing is computed outside the memory', () => {
    const end = nativeMemory.length
    expect(() => native.add(end - 4, firstByte, 2)).toThrow('add: an array lies outside')
    expect(() => native.add(firstByte, end - 4, 2)).toThrow('add: an array lies outside')
    expect(() => native.add(-4, firstByte, 1)).toThrow('add: an array lies outside')
    expect(() => native.add(firstByte, end - 4, 1)).not.toThrow()
  })
})
