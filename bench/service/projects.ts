/**
 * @file 1,000 jobs of 50 projects, all of them waiting before the first begins, one project's behind the
 * other's: all succeed, and no project waits until those before it are done.
 */
import { type Client, createClient } from '../support/client.ts'
import type { Program } from '../support/program.ts'
import { cancelAll, type ListedJob, listJobs, made, trainOnAllCores, upload } from './jobs.ts'
import { type Scenario, sleep } from './scenario.ts'

const projects = 50
const jobsEach = 20
const seconds = 120

/** Some 30 ms of training. */
const shortJob = (dataset: string) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [64, 64] },
  training: { epochs: 500, batch_size: 'full' },
})

async function makeProject({ url, key }: Program, admin: Client, name: string): Promise<Client> {
  const { id } = await made(admin.send('POST', '/v1/projects', { name }))
  const { secret } = await made<{ secret: string }>(
    admin.send('POST', '/v1/api-keys', { name, project: id }),
  )
  return createClient(url, secret ?? key)
}

export const manyProjects: Scenario = async function* ({ start }) {
  const program = await start()
  const admin = createClient(program.url, program.key)
  const busy = await trainOnAllCores(admin, await upload(admin))

  const clients: Client[] = []
  for (let i = 0; i < projects; i++) clients.push(await makeProject(program, admin, `project ${i}`))
  for (const client of clients) {
    const dataset = await upload(client)
    const posting = Array.from({ length: jobsEach }, () =>
      made(client.send('POST', '/v1/jobs', shortJob(dataset))),
    )
    await Promise.all(posting)
  }
  const startedAtMs = Date.now()
  await cancelAll(admin, busy)

  const byProject = await whenAllHaveEnded(clients, startedAtMs)
  const all = byProject.flat()
  const endsMs = all.map(({ ended_at }) => Date.parse(ended_at ?? '') - startedAtMs)
  const halfTimeMs = Math.max(...endsMs) / 2
  const doneByHalf = byProject.map(
    (jobs) =>
      jobs.filter(({ ended_at }) => Date.parse(ended_at ?? '') - startedAtMs <= halfTimeMs).length,
  )
  const total = projects * jobsEach
  const succeeded = all.filter(({ status }) => status === 'succeeded').length
  const measure = '1,000 jobs of 50 projects'
  yield { measure: `${measure}, succeeded`, value: succeeded, unit: '', bar: `${total}` }
  yield {
    measure: `${measure}, all done after`,
    value: Math.max(...endsMs) / 1000,
    unit: 's',
    bar: '',
  }
  yield {
    measure: `${measure}, done at half time by the slowest project`,
    value: Math.min(...doneByHalf),
    unit: `of ${jobsEach}`,
    bar: '≥ 8',
  }
  yield {
    measure: `${measure}, done at half time by the quickest project`,
    value: Math.max(...doneByHalf),
    unit: `of ${jobsEach}`,
    bar: '≤ 12',
  }
  for (const client of [admin, ...clients]) client.close()
}

async function whenAllHaveEnded(
  clients: readonly Client[],
  startedAtMs: number,
): Promise<ListedJob[][]> {
  for (;;) {
    await sleep(1_000)
    const lists: ListedJob[][] = []
    for (const client of clients) lists.push(await listJobs(client))
    if (lists.flat().every(({ ended_at }) => ended_at !== null)) return lists
    if (Date.now() - startedAtMs > seconds * 1000) {
      throw new Error(`Not all of ${projects * jobsEach} jobs have ended within ${seconds} s.`)
    }
  }
}
