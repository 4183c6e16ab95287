/** @file The matrix products of the fast tables: the same bits, whatever the shape, strides and share. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createWasmBackend, type FloatArray, solo, type Team } from '../../../src/engine/index.ts'
import { workspaceBytes } from '../../../src/engine/kernels/wasm/memory-size.ts'
import type { WasmExports } from '../../../src/engine/kernels/wasm/wasm-exports.ts'
import { createLayout, viewRegion } from '../../../src/engine/memory/layout.ts'
import { kernelTables } from '../kernel-tables.ts'

const module = new WebAssembly.Module(readFileSync('src/engine/kernels/generated/kernels.wasm'))

/** dW += dy^T x, dx = dy W and y = x W^T + b take the three ways a matrix can lie. */
function productsOf(table: (typeof kernelTables)[number], N: number, I: number, O: number) {
  const { kernels, array } = table.open('float32', 16 * 1024 * 1024)
  const filled = (length: number, seed: number) => {
    const values = array(length)
    for (let i = 0; i < length; i++)
      values[i] = Math.fround((((i + seed) * 7919) % 1013) / 1013 - 0.5)
    return values
  }
  const [x, dy, weight, bias] = [filled(N * I, 1), filled(N * O, 2), filled(O * I, 3), filled(O, 4)]
  const [y, dx, dweight, dbias] = [array(N * O), array(N * I), filled(O * I, 5), filled(O, 6)]
  kernels.denseForward(y, x, weight, bias, N, I, O)
  kernels.denseBackwardInput(dx, dy, weight, N, I, O)
  kernels.denseBackwardParameters(dweight, dbias, dy, x, N, I, O)
  return [y, dx, dweight, dbias].map((values) =>
    createHash('sha256').update(Float32Array.from(values)).digest('hex'),
  )
}

const bytesOf = (values: FloatArray) => Buffer.from(Float32Array.from(values).buffer)

const byName = (name: string) => kernelTables.find((table) => table.name === name)
const wasm = byName('wasm')!
const native = byName('native')

test('a workspace is as large as the module says', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })

  expect((exports as WasmExports).workspaceBytes()).toBe(workspaceBytes)
})

describe.runIf(native)('native kernels', () => {
  test('have the bits of WebAssembly, for every shape', () => {
    const size = fc.integer({ min: 1, max: 90 })
    const long = fc.integer({ min: 1, max: 600 }) // past a block of 256
    fc.assert(
      fc.property(size, long, size, (N, I, O) => {
        expect(productsOf(native!, N, I, O)).toEqual(productsOf(wasm, N, I, O))
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    [1030, 300, 33], // many rows, and a part of a second block of k
    [1024, 520, 20],
    [100, 260, 800], // past a block of columns
  ])('have the bits of WebAssembly for %d x %d by %d', (N, I, O) => {
    expect(productsOf(native!, N, I, O)).toEqual(productsOf(wasm, N, I, O))
  })

  test('have the same bits by AVX2 and by what is fastest here', () => {
    const bytes = new Uint8Array(1024 * 1024)
    const values = new Float32Array(bytes.buffer)
    const { bind } = createRequire(import.meta.url)(
      '../../../src/engine/kernels/generated/kernels.node',
    )
    const [narrow, fastest] = [bind(bytes, 8).gemm, bind(bytes).gemm]
    const side = fc.integer({ min: 1, max: 70 })
    const depth = fc.integer({ min: 1, max: 300 }) // past a block of 256
    fc.assert(
      fc.property(side, side, depth, fc.boolean(), (M, N, K, transposed) => {
        for (let i = 0; i < values.length; i++) values[i] = ((i * 7919) % 1013) / 1013 - 0.5
        const [a, b, c, d] = [0, M * K * 4, (M * K + K * N) * 4, (M * K + K * N + M * N) * 4]
        values.copyWithin(d / 4, c / 4, d / 4)
        const strides = transposed ? ([1, M, 1, K] as const) : ([K, 1, N, 1] as const)
        narrow(c, a, b, M, N, K, ...strides, N, true)
        fastest(d, a, b, M, N, K, ...strides, N, true)

        expect(Buffer.compare(bytes.subarray(c, d), bytes.subarray(d, d + M * N * 4))).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test('refuse a matrix outside the memory', () => {
    const { kernels, array } = native!.open('float32')
    const small = array(64)
    expect(() => kernels.denseForward(small, small, small, null, 4096, 4096, 64)).toThrow(
      'outside the memory',
    )
  })
})

test('two or four threads compute the bits of one, each its share', () => {
  const backend = createWasmBackend(module)
  const size = fc.integer({ min: 1, max: 120 })
  fc.assert(
    fc.property(size, size, size, fc.constantFrom(2, 4), (N, I, O, count) => {
      const memory = backend.shared.create(1024 * 1024, count)
      // One after the other: nobody waits, since each reads only what was there before.
      const members = Array.from({ length: count }, (_, index): Team => ({ ...solo, index, count }))
      const tables = members.map((team) => backend.shared.join(memory, team))
      const { buffer, offsetBytes } = tables[0].memory
      const layout = createLayout('float32')
      const array = (length: number) =>
        viewRegion({ buffer, offsetBytes }, 'float32', layout.reserve(length))
      const [x, weight, together, alone] = [array(N * I), array(O * I), array(N * O), array(N * O)]
      for (const [i] of x.entries()) x[i] = ((i * 7919) % 1013) / 1013 - 0.5
      for (const [i] of weight.entries()) weight[i] = ((i * 104729) % 997) / 997 - 0.5
      for (const { kernels } of tables) kernels.denseForward(together, x, weight, null, N, I, O)
      const single = backend.shared.join(memory, solo)
      single.kernels.denseForward(alone, x, weight, null, N, I, O)

      expect(Buffer.compare(bytesOf(together), bytesOf(alone))).toBe(0)
    }),
    { numRuns: 40 },
  )
})
