import { beforeAll, describe, expect, test, vi } from 'vitest'

import { kernelTables } from '../kernel-tables.ts'
import { layerCases } from './layer-cases.ts'
import { type Hashes, hashesOfTeam } from './run-in-team.ts'
import { trainingCases } from './training-cases.ts'

const tables = kernelTables.map(({ name }) => name).filter((name) => name !== 'reference')
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const names = [...layerCases, ...trainingCases].map(({ name }) => name)

/** Of WebAssembly on one thread. */
let expected: Hashes

beforeAll(async () => {
  const [alone] = await hashesOfTeam('wasm', 1)
  expected = alone
})

describe.each(tables)('%s', (table) => {
  test.each([1, 2, 3, 4])('%i threads compute the bits of one', async (count) => {
    const [hashes] = await hashesOfTeam(table, count)

    expect(hashes).toEqual(expected)
    expect(Object.keys(expected)).toEqual(names)
    expect(new Set(Object.values(expected)).size).toBe(names.length)
  })

  test('two threads do, while one of them stumbles', async () => {
    const rounds = await hashesOfTeam(table, 2, [0, 1])

    expect(rounds).toEqual([expected, expected])
  })
})
