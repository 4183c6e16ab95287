import { beforeAll, describe, expect, test } from 'vitest'

import { kernelTables } from '../kernel-tables.ts'
import { teamCases } from './cases.ts'
import { hashesOfTeam } from './run-in-team.ts'

const tables = kernelTables.map(({ name }) => name).filter((name) => name !== 'reference')

/** Of WebAssembly on one thread. */
let expected: Readonly<Record<string, string>>

beforeAll(async () => {
  expected = await hashesOfTeam('wasm', 1)
})

describe.each(tables)('%s', (table) => {
  test.each([1, 2, 3, 4])('%i threads compute the bits of one', async (count) => {
    const hashes = await hashesOfTeam(table, count)

    expect(Object.keys(hashes)).toEqual(teamCases.map(({ name }) => name))
    expect(new Set(Object.values(hashes)).size).toBe(teamCases.length)
    expect(hashes).toEqual(expected)
  })
})
