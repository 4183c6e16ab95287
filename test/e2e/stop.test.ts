/** @file Ctrl-C and SIGTERM: all stops in order, Postgres last, and work in progress is given back. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { longJob } from './support/long-job.ts'
import { endPrograms, startProgram } from './support/program.ts'

let folder: TestDataFolder

beforeEach(() => {
  folder = testDataFolder()
})
afterEach(async () => {
  await endPrograms()
  await folder.dispose()
})

const warning = 40 // of pino's levels

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in mid-job: exit 0, no complaint, nothing left running, and the next start goes on at once',
  async (signal) => {
    const settings = { TRAINYARD_DATA: folder.path, THREADS: '1' }
    const first = await startProgram(settings)
    const before = createClient({ url: first.url, key: first.firstKey })
    const { id } = await before.createJob(await longJob(before, 1.5))
    await before.jobWhen(id, ({ progress }) => progress.step > 0)

    const ended = await first.end(signal)
    const log = first.log()
    expect(ended, log.map(({ msg }) => msg).join('\n')).toEqual({ code: 0, signal: null })
    expect(log.filter(({ level }) => level >= warning)).toEqual([])
    expect(log.at(-1)?.msg).toBe('stopped')
    expect(folder.postgresProcesses()).toEqual([])
    // Only the connection that held Postgres was open when it went down.
    const cut = folder.postgresLog().match(/terminating connection due to administrator/g) ?? []
    expect(cut.length).toBeLessThanOrEqual(1)
    expect(folder.postgresLog()).toContain('database system is shut down')

    const second = await startProgram(settings)
    const after = createClient({ url: second.url, key: first.firstKey })
    // Well before its lease, 30 s, would have expired.
    await after.jobWhen(id, ({ attempt }) => attempt === 2, 20_000)
    expect(await after.jobEnded(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect((await after.runs(id)).map(({ status }) => status)).toEqual(['succeeded', 'released'])
    await second.end(signal)
  },
)

test('while jobs are given back, /readyz says that no more are to come', async () => {
  const program = await startProgram({ TRAINYARD_DATA: folder.path, THREADS: '1' })
  const client = createClient({ url: program.url, key: program.firstKey })
  const { id } = await client.createJob(await longJob(client, 20))
  await client.jobWhen(id, ({ progress }) => progress.step > 0)

  process.kill(program.pid, 'SIGTERM')
  const said: string[] = []
  for (;;) {
    const answer = await fetch(`${program.url}/readyz`).catch(() => null)
    if (answer === null) break
    said.push(`${answer.status} ${await answer.text()}`)
  }
  // Whoever comes when it closes is refused with 503 too, by an error without checks.
  expect(said.filter((each) => /^503 .*"draining":true/.test(each))).not.toEqual([])
  expect(await program.ended).toEqual({ code: 0, signal: null })
})
