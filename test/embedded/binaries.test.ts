import { afterEach, expect, test, vi } from 'vitest'

import { prepareBinaries } from '../../src/embedded/binaries.ts'
import { placeDataFolder } from '../../src/embedded/data-folder.ts'

afterEach(() => vi.unstubAllGlobals())

test('a platform without binaries is named, with the setting that replaces them', () => {
  const place = placeDataFolder('.')
  vi.stubGlobal('process', Object.create(process, { arch: { value: 'mips' } }))

  expect(() => prepareBinaries(place)).toThrow(
    /no embedded PostgreSQL for \w+ on mips.*DATABASE_URL/,
  )
})
