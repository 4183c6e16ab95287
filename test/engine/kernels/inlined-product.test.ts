/**
 * @file Small products that are written into a recorded step have the bits of the kernels they replace:
 * any shape and place, and numbers of every kind. The whole memories are compared.
 */
import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RecordedCall } from '../../../src/engine/kernels/backend.ts'
import { createInliner, maxProducts } from '../../../src/engine/kernels/wasm/inlined-call.ts'
import { reservedBytes, workspaceBytes } from '../../../src/engine/kernels/wasm/memory-size.ts'
import { linkReplay } from '../../../src/engine/kernels/wasm/replay.ts'
import { signaturesOf } from '../../../src/engine/kernels/wasm/signatures.ts'
import type { WasmExports } from '../../../src/engine/kernels/wasm/wasm-exports.ts'

const module = new WebAssembly.Module(readFileSync('src/engine/kernels/generated/kernels.wasm'))
const signatures = signaturesOf(module)
const planStart = reservedBytes + workspaceBytes
const pages = 14

function openKernels() {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const wasm = exports as unknown as WasmExports
  wasm.useWorkspace(reservedBytes)
  const values = new Float32Array(memory.buffer, planStart)
  return { memory, wasm, values, workspace: reservedBytes }
}

const [called, inlined] = [openKernels(), openKernels()]
/** Offsets of no array, apart from each other, and the last number of all. */
const [c, a, b, bias] = [0, 1, 2, 3].map((i) => planStart + i * 12_000 + 4 * (i + 1))
const zero = planStart + called.values.byteLength - 20

const special = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-41, -1e-41, 3e38, -3e38, 1e-30]

/** Values about 1, of which one of `rarity` is special; rarity 0 has none. */
function fill(seed: number, rarity: number): void {
  let state = seed
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  for (let i = 0; i < 12_000; i++) {
    const isSpecial = rarity > 0 && draw() * rarity < 1
    called.values[i] = isSpecial ? special[Math.floor(draw() * special.length)] : draw() - 0.5
  }
  inlined.values.set(called.values)
}

function expectSameBits(name: 'gemm' | 'denseForward' | 'denseBackwardParameters', args: number[]) {
  const call: RecordedCall = { table: 'wasm', name, args }
  ;(called.wasm[name] as (...args: number[]) => void)(...args)
  const { wasm, memory, workspace } = inlined
  expect(createInliner(1, workspace)(call)).not.toBe(null)
  // The step ends before `then` where its first part gives no finite number.
  const first: RecordedCall[] = [{ table: 'wasm', name: 'sum', args: [zero, 1] }]
  const recording = {
    times: 1_000_000,
    signatures,
    tables: { wasm, native: null, memory, workspace },
  }
  // biome-ignore lint/suspicious/noThenProperty: no promise, but what comes after `first`
  linkReplay({ ...recording, first, then: [call] })()
  expect(firstDifference()).toBe(null)
}

/** A NaN may have any sign and payload: WebAssembly leaves them open. */
function firstDifference() {
  for (const [i, expected] of called.values.entries()) {
    const value = inlined.values[i]
    if (!Object.is(value, expected)) return { i, value, expected }
  }
  return null
}

const size = fc.integer({ min: 1, max: 24 })
const seed = fc.integer()
const rarity = fc.constantFrom(0, 2, 10, 100)

test('a product, also one that is added, of matrices that are parts of larger ones', () => {
  const parts = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(1))
  const cases = fc.property(size, size, size, fc.nat(3), parts, seed, rarity, (...drawn) => {
    const [M, N, K, lies, [moreOfA, moreOfB, moreOfC, accumulate]] = drawn
    fc.pre(M * N * K <= maxProducts)
    fill(drawn[5], drawn[6])
    // As the forward pass, the gradient of the input and that of the weights have them; and A of any strides.
    const strides = [
      [K + moreOfA, 1, 1, K + moreOfB],
      [K + moreOfA, 1, N + moreOfB, 1],
      [1, M + moreOfA, N + moreOfB, 1],
      [2 * K + moreOfA, 2, N + moreOfB, 1],
    ][lies]
    expectSameBits('gemm', [c, a, b, M, N, K, ...strides, N + moreOfC, accumulate])
  })
  fc.assert(cases, { numRuns: 200 })
})

test('a dense layer forward, with and without a bias', () => {
  const cases = fc.property(size, size, size, fc.boolean(), seed, rarity, (...drawn) => {
    const [N, I, O, hasBias] = drawn
    fc.pre(N * I * O <= maxProducts)
    fill(drawn[4], drawn[5])
    expectSameBits('denseForward', [c, a, b, hasBias ? bias : 0, N, I, O])
  })
  fc.assert(cases, { numRuns: 150 })
})

test('the gradients of a dense layer, with and without a bias', () => {
  const cases = fc.property(size, size, size, fc.boolean(), seed, rarity, (...drawn) => {
    const [N, I, O, hasBias] = drawn
    fc.pre(N * I * O <= maxProducts)
    fill(drawn[4], drawn[5])
    expectSameBits('denseBackwardParameters', [c, hasBias ? bias : 0, a, b, N, I, O])
  })
  fc.assert(cases, { numRuns: 150 })
})

test('what is larger, or lies otherwise, is called', () => {
  const calls = [
    [c, a, b, 4, 4, 4, 4, 1, 8, 2, 4, 0], // B neither by rows nor by columns
    [c, a, b, 4, 4, 4, 4, 1, 0, 1, 4, 0], // one row of B again and again
    [c, a, b, 17, 16, 16, 16, 1, 16, 1, 16, 0], // more than 4,096 multiplications
    [c, a, b, 2, 2, 257, 257, 1, 2, 1, 2, 0], // more than a block of the canonical order
  ]
  const inline = createInliner(1, called.workspace)
  expect(calls.map((args) => inline({ table: 'wasm', name: 'gemm', args }))).toEqual(
    calls.map(() => null),
  )
})

test('what would make the module long is called', () => {
  const inline = createInliner(1, called.workspace)
  const args = [c, a, b, 16, 16, 16, 16, 1, 16, 1, 16, 0]
  const codes = Array.from({ length: 100 }, () => inline({ table: 'wasm', name: 'gemm', args }))
  expect(codes[0]).not.toBe(null)
  expect(codes[99]).toBe(null)
})
