/**
 * @file The shape of `npm start`, several times on one data folder: programs that bring up, share and
 * bring back the embedded Postgres. Any of them is killed, or Postgres is, or all at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import { freePort } from '../../../src/embedded/postmaster.ts'
import { type TestDataFolder, testDataFolder } from '../../e2e/support/data-folder.ts'
import { checkInvariants } from '../invariants.ts'
import { openSlot, type Slot } from '../stand/slot.ts'
import { type Clients, createClients } from '../workload/clients.ts'
import { datasetFiles, readDataset, specs } from '../workload/specs.ts'
import type { Fault, FaultContext, FaultReport } from './fault.ts'

const key = 'the-key-of-the-chaos-that-is-long-enough'
const programs = 2
const settleWithinMs = 120_000

export const embeddedKilled: Fault = {
  name: 'embedded-killed',
  says: 'programs on one data folder: one, its Postgres, or all of it is killed',
  asked: 'I1 to I5',
  tries: {
    full: { redis: 0, postgres: 10 },
    short: { redis: 0, postgres: 2 },
  },
  allowed: [503],
  async run(context) {
    const folder = testDataFolder()
    const slots: Slot[] = []
    try {
      for (let i = 1; i <= programs; i++) {
        const settings = { TRAINYARD_DATA: folder.path, THREADS: '2', API_THREADS: '1' }
        slots.push(
          await openSlot({
            title: `program-${i}`,
            role: 'all',
            port: (await freePort()) ?? 0,
            settingsOf: () => ({
              ...settings,
              LEASE_SECONDS: '10',
              CHECKPOINT_SECONDS: '0.3',
              LOG_LEVEL: 'warn',
              TRAINYARD_ADMIN_KEY: key,
            }),
          }),
        )
      }
      return await killRepeatedly(context, folder, slots)
    } finally {
      await Promise.all(slots.map(({ process }) => process.end('SIGKILL')))
      await folder.dispose()
    }
  },
}

async function killRepeatedly(
  { random, tries }: FaultContext,
  folder: TestDataFolder,
  slots: readonly Slot[],
): Promise<FaultReport> {
  const clients = createClients(() => slots.map(({ url }) => url ?? ''), key)
  const { type } = datasetFiles.iris
  const { id: iris } = (await clients.ask({
    path: '/v1/datasets',
    body: readDataset('iris'),
    contentType: type,
  })) as { id: string }
  const spec = specs[0]({ iris, digits: '', waves: '', text: '' })
  const undisturbed = [await clients.submit(spec, { follow: true })]
  await clients.streamsEnded()
  const recoveriesMs: number[] = []
  for (let i = 0; i < tries; i++) {
    await clients.submit(spec, { follow: true })
    await sleep(random.between(200, 2_000))
    const what = random.pick(['program', 'postgres', 'all'] as const)
    const victims = what === 'all' ? slots : what === 'program' ? [random.pick(slots)] : []
    await Promise.all(victims.map(({ process }) => process.end('SIGKILL')))
    if (what !== 'program') await folder.killPostgres()
    const killedAtMs = performance.now()
    await Promise.all(random.shuffled(victims).map((slot) => slot.up()))
    await clients.submit(spec)
    recoveriesMs.push(performance.now() - killedAtMs)
  }
  const problems = await untilEnded(clients)
  return {
    tries,
    jobs: clients.accepted.length,
    recoveriesMs,
    problems: [...problems, ...(await judge(folder, clients, undisturbed))],
  }
}

/** Asks the API: whether the database is there is what is being tested. */
async function untilEnded(clients: Clients): Promise<string[]> {
  const deadlineMs = performance.now() + settleWithinMs
  for (const { id } of clients.accepted) {
    for (;;) {
      const job = (await clients.ask({ path: `/v1/jobs/${id}` })) as { ended_at: string | null }
      if (job.ended_at !== null) break
      if (performance.now() > deadlineMs) return [`${id} did not end`]
      await sleep(50)
    }
  }
  await clients.streamsEnded()
  return clients.tally.complaints(embeddedKilled.allowed, { areCutsAllowed: true })
}

async function judge(
  folder: TestDataFolder,
  { accepted, named, streams }: Clients,
  undisturbed: readonly string[],
): Promise<string[]> {
  const client = new pg.Client(folder.databaseUrl())
  await client.connect()
  try {
    const found = await checkInvariants({ database: client, accepted, named, streams, undisturbed })
    return found.map(({ invariant, jobId, what }) => `${invariant} ${jobId ?? ''} ${what}`)
  } finally {
    await client.end()
  }
}
