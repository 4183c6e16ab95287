import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { placeDataFolder } from '../../src/embedded/data-folder.ts'

const isRoot = process.getuid?.() === 0
let home: string
let system: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'trainyard-home-')) // 0700, as mkdtemp makes them
  system = mkdtempSync(join(tmpdir(), 'trainyard-system-'))
  chmodSync(system, 0o755)
})

afterEach(() => {
  rmSync(home, { recursive: true })
  rmSync(system, { recursive: true })
})

test('the folder that was asked for is taken where the user of Postgres can enter it', () => {
  chmodSync(home, 0o755)
  const wanted = join(home, 'deep', '.trainyard')

  expect(placeDataFolder(wanted, system).folder).toBe(wanted)
})

test('root in a 0700 home gets a folder of its own per path in the system folder; others stay', () => {
  const first = placeDataFolder(join(home, 'first'), system).folder
  const second = placeDataFolder(join(home, 'second'), system).folder

  if (isRoot) {
    expect(first).toMatch(new RegExp(`^${system}/[0-9a-f]{12}$`))
    expect(second).not.toBe(first)
    expect(placeDataFolder(join(home, 'first'), system).folder).toBe(first)
  } else {
    expect([first, second]).toEqual([join(home, 'first'), join(home, 'second')])
  }
})

test('data that is in the system folder stays there when the home opens later', () => {
  const wanted = join(home, '.trainyard')
  const before = placeDataFolder(wanted, system).folder
  mkdirSync(join(before, 'postgres'))
  chmodSync(home, 0o755)

  expect(placeDataFolder(wanted, system).folder).toBe(before)
})
