/** @file Everything killed at once, Postgres too: what was accepted is finished by the next start. */
import { afterAll, expect, test } from 'vitest'

import { createClient } from './support/client.ts'
import { testDataFolder } from './support/data-folder.ts'
import { longJob } from './support/long-job.ts'
import { endPrograms, startProgram } from './support/program.ts'

const folder = testDataFolder()

afterAll(async () => {
  await endPrograms()
  await folder.dispose()
})

test('after kill -9 of everything a start recovers, and the interrupted job ends with the same bits', async () => {
  const settings = { TRAINYARD_DATA: folder.path, THREADS: '1', LEASE_SECONDS: '10' }
  const first = await startProgram(settings)
  const before = createClient({ url: first.url, key: first.firstKey })
  const spec = await longJob(before, 1.5)
  const undisturbed = await before.createJob(spec)
  await before.jobEnded(undisturbed.id)
  const interrupted = await before.createJob(spec)
  const waiting = await before.createJob(spec)
  await before.jobWhen(interrupted.id, ({ progress }) => progress.step > 0)

  await first.end('SIGKILL')
  await folder.killPostgres()

  const second = await startProgram(settings)
  const after = createClient({ url: second.url, key: first.firstKey })
  expect(await after.jobEnded(waiting.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  expect(await after.jobEnded(interrupted.id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect((await after.runs(interrupted.id)).map(({ status }) => status)).toEqual([
    'succeeded',
    'lost',
  ])
  const expected = await after.weightsHash(undisturbed.id)
  expect(await after.weightsHash(interrupted.id)).toBe(expected)
  expect(await after.weightsHash(waiting.id)).toBe(expected)
})

test('a start after kill -9 of the program alone adopts the Postgres that still runs', async () => {
  const settings = { TRAINYARD_DATA: folder.path }
  await endPrograms()
  const first = await startProgram(settings)
  const [postmaster] = folder.postgresProcesses()
  await first.end('SIGKILL')

  const second = await startProgram(settings)

  expect(folder.postgresProcesses()[0]).toBe(postmaster)
  expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(folder.postgresProcesses()).toEqual([])
})
