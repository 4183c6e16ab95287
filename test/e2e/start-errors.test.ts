/** @file A start that cannot succeed says why, in words for whoever can mend it, and leaves nothing running. */
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'

import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, runProgram } from './support/program.ts'

let folder: TestDataFolder

beforeEach(() => {
  folder = testDataFolder()
})
afterEach(async () => {
  await endPrograms()
  await folder.dispose()
})

async function takenPort(): Promise<number> {
  const server = createServer()
  onTestFinished(() => {
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** What is said to people, without the log: one line, and no stack. */
function wordsIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
}

test('a taken port is named, and Postgres is stopped again', async () => {
  const port = await takenPort()

  const { code, stdout, stderr } = await runProgram({
    TRAINYARD_DATA: folder.path,
    PORT: String(port),
  })

  expect(code).toBe(1)
  expect(wordsIn(stderr)).toEqual([expect.stringContaining(`Port ${port} is taken`)])
  expect(stdout).toBe('')
  expect(folder.postgresProcesses()).toEqual([])
})

test('bad settings are listed, all of them, before anything starts', async () => {
  const { code, stderr } = await runProgram({
    TRAINYARD_DATA: folder.path,
    PORT: '99999',
    ROLE: 'boss',
    THREADS: '0',
    DATABASE_URL: 'mysql://root:secret@127.0.0.1/trainyard',
  })

  expect(code).toBe(1)
  for (const name of ['PORT', 'ROLE', 'THREADS', 'DATABASE_URL']) {
    expect(stderr).toMatch(new RegExp(`^ +${name}: `, 'm'))
  }
  expect(stderr).not.toContain('secret')
  expect(readdirSync(folder.path)).toEqual([])
})

test.each([
  ['under a file', () => join(folder.path, 'file', 'data'), 'a part of its path is a file'],
  ['a file', () => join(folder.path, 'file'), 'a part of its path is a file'],
  // Not of this world for anybody, root included.
  ['in /proc', () => '/proc/trainyard', /the system makes no folder there|read-only/],
])('a data folder that is %s is named, with the reason', async (_, path, reason) => {
  writeFileSync(join(folder.path, 'file'), '')

  const { code, stdout, stderr } = await runProgram({ TRAINYARD_DATA: path() })

  expect(code).toBe(1)
  expect(wordsIn(stderr)).toEqual([
    expect.stringContaining(`The data folder ${path()} cannot be used: `),
  ])
  expect(stderr).toMatch(reason)
  expect(stdout).toBe('')
})
