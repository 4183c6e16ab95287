/** @file Kernels of sequences: each thread its share, and all together the bits of one. */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import {
  createWasmBackend,
  type FloatArray,
  type Kernels,
  solo,
} from '../../../src/engine/index.ts'
import type { AttentionSettings } from '../../../src/engine/kernels/attention-settings.ts'
import { createLayout, viewRegion } from '../../../src/engine/memory/layout.ts'

const module = new WebAssembly.Module(readFileSync('src/engine/kernels/generated/kernels.wasm'))

interface Arrays {
  /** Filled with numbers, the same each time. */
  drawn(length: number, scale?: number): FloatArray
  empty(length: number): FloatArray
}

type Case = (arrays: Arrays) => { call: (kernels: Kernels) => void; out: FloatArray[] }

const [N, C] = [301, 37]
const [B, T, H, D] = [3, 70, 2, 6]

function attention(changes: Partial<AttentionSettings>): Case {
  return ({ drawn, empty }) => {
    const settings = { T, H, D, isCausal: true, padding: null, dropout: null, ...changes }
    const size = B * T * H * D
    const [qkv, dy] = [drawn(3 * size, 3), drawn(size)]
    const [y, dqkv, stats] = [empty(size), empty(3 * size), empty(B * H * T * 2)]
    const scores = empty(2 * B * H * 64 * T)
    return {
      call(kernels) {
        kernels.attentionForward(y, stats, scores, qkv, settings, 7, B)
        kernels.attentionBackward(dqkv, scores, dy, y, stats, qkv, settings, 7, B)
      },
      out: [y, dqkv, stats],
    }
  }
}

const cases: Readonly<Record<string, Case>> = {
  'layer norm': ({ drawn, empty }) => {
    const [x, dy, weight, bias] = [drawn(N * C), drawn(N * C), drawn(C), drawn(C)]
    const [y, mean, rstd, dx] = [empty(N * C), empty(N), empty(N), empty(N * C)]
    const [dweight, dbias] = [drawn(C), drawn(C)]
    return {
      call(kernels) {
        kernels.layerNormForward(y, mean, rstd, x, weight, bias, 1e-5, N, C)
        kernels.layerNormBackwardInput(dx, dy, mean, rstd, x, weight, N, C)
        kernels.layerNormBackwardParameters(dweight, dbias, dy, mean, rstd, x, N, C)
      },
      out: [y, mean, rstd, dx, dweight, dbias],
    }
  },
  'RMS norm': ({ drawn, empty }) => {
    const [x, dy, weight] = [drawn(N * C), drawn(N * C), drawn(C)]
    const [y, rrms, dx, dweight] = [empty(N * C), empty(N), empty(N * C), drawn(C)]
    return {
      call(kernels) {
        kernels.rmsNormForward(y, rrms, x, weight, 1e-5, N, C)
        kernels.rmsNormBackwardInput(dx, dy, rrms, x, weight, N, C)
        kernels.rmsNormBackwardWeight(dweight, dy, rrms, x, N, C)
      },
      out: [y, rrms, dx, dweight],
    }
  },
  'embedding, positions and sums': ({ drawn, empty }) => {
    const [weight, dy, y, dweight] = [drawn(5 * C), drawn(N * C), empty(N * C), drawn(5 * C)]
    const tokens = empty(N).map((_, i) => (i * 7) % 5)
    const stored = empty(N)
    stored.set(tokens)
    const [positions, sum, dpositions] = [empty(43 * C), drawn(N * C), drawn(43 * C)]
    return {
      call(kernels) {
        kernels.embeddingForward(y, stored, weight, N, C)
        kernels.embeddingBackward(dweight, dy, stored, N, C)
        kernels.fillSinusoids(positions, 43, C)
        kernels.addPositions(y, dy, positions, 7, 43 * C)
        kernels.addPositionsBackward(dpositions, dy, 7, 43 * C)
        kernels.add(sum, dy, N * C)
      },
      out: [y, dweight, positions, sum, dpositions],
    }
  },
  'rotary positions': ({ drawn, empty }) => {
    const [qkv, back, angles] = [drawn(B * T * 3 * H * D), drawn(B * T * 3 * H * D), empty(T * D)]
    return {
      call(kernels) {
        kernels.fillRotaryAngles(angles, T, D)
        kernels.rotaryForward(qkv, angles, B, T, H, D)
        kernels.rotaryBackward(back, angles, B, T, H, D)
      },
      out: [qkv, back, angles],
    }
  },
  'causal attention': attention({}),
  'attention with dropout': attention({
    isCausal: false,
    dropout: { rate: 0.3, seedLow: 5, seedHigh: 6, stream: 2 },
  }),
}

function run(given: Case, count: number): Buffer[] {
  const backend = createWasmBackend(module)
  const memory = backend.shared.create(4 * 1024 * 1024, count)
  // One after the other: in each kernel a member reads only what no other writes in it. What follows
  // in a case reads what all have written, so each kernel is called by all before the next.
  const tables = Array.from({ length: count }, (_, index) =>
    backend.shared.join(memory, { ...solo, index, count }),
  )
  const layout = createLayout('float32')
  const empty = (length: number) => viewRegion(tables[0].memory, 'float32', layout.reserve(length))
  const drawn = (length: number, scale = 1) => {
    const values = empty(length)
    for (const [i] of values.entries()) values[i] = scale * (((i * 7919) % 1013) / 1013 - 0.5)
    return values
  }
  const { call, out } = given({ drawn, empty })
  call(together(tables.map(({ kernels }) => kernels)))
  return out.map((values) => Buffer.from(Float32Array.from(values).buffer))
}

/** A table whose every kernel is that of each member, in turn. */
function together(tables: readonly Kernels[]): Kernels {
  return new Proxy(tables[0], {
    get:
      (_, name: keyof Kernels) =>
      (...values: unknown[]) => {
        for (const table of tables) (table[name] as (...values: unknown[]) => void)(...values)
      },
  })
}

describe.each(Object.entries(cases))('%s', (_, given) => {
  const alone = run(given, 1)

  test.each([2, 3, 4, 32])('%d threads compute the bits of one, each its share', (count) => {
    expect(alone.some((values) => values.some((byte) => byte !== 0))).toBe(true)
    expect(run(given, count)).toEqual(alone)
  })
})
