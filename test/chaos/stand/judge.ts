/**
 * @file Brings the evidence of a fault before the judge: what Postgres holds, what clients were told,
 * what a stranger gets, what /v1/limits counts. What was found before is not held against a later fault.
 */
import type pg from 'pg'

import { checkInvariants, type ForeignAnswer, type SeenJob, type Violation } from '../invariants.ts'
import type { Clients } from '../workload/clients.ts'

export interface Judge {
  /** Its bits are the right ones for its spec. */
  trust(jobId: string): void
  /** Once all is quiet. */
  judge(): Promise<Violation[]>
}

/** Jobs that are looked at through the API, by their owner and by a stranger. */
const sampleSize = 10

export async function createJudge({
  database,
  clients,
}: {
  readonly database: pg.Pool
  readonly clients: Clients
}): Promise<Judge> {
  const undisturbed: string[] = []
  const seen: SeenJob[] = []
  const known = new Set<string>()
  const stranger = await createStranger(clients)

  async function lookAt(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const job = (await clients.ask({ path: `/v1/jobs/${id}` })) as {
        status: SeenJob['status']
        weights: { sha256: string } | null
      }
      seen.push({ id, status: job.status, weightsSha256: job.weights?.sha256 ?? null })
    }
  }

  async function foreignAnswers(ids: readonly string[]): Promise<ForeignAnswer[]> {
    const paths = ids.flatMap((id) =>
      ['', '/events', '/losses', '/weights', '/checkpoints', '/runs'].map(
        (part) => `/v1/jobs/${id}${part}`,
      ),
    )
    return Promise.all(
      paths.map(async (path) => {
        const response = await clients.call({ path, key: stranger })
        await response.arrayBuffer()
        return { path, status: response.status }
      }),
    )
  }

  async function usageNow() {
    const { rows } = await database.query<{ id: string }>('SELECT id FROM projects ORDER BY id')
    const { usage } = (await clients.ask({ path: '/v1/limits' })) as {
      usage: { datasets_bytes_total: number; jobs_unfinished: number }
    }
    return {
      projectId: rows[0].id,
      jobsUnfinished: usage.jobs_unfinished,
      datasetsBytes: usage.datasets_bytes_total,
    }
  }

  return {
    trust: (jobId) => void undisturbed.push(jobId),
    async judge() {
      const ids = clients.accepted.map(({ id }) => id)
      const sample = ids.slice(-sampleSize)
      await lookAt(sample)
      const found = await checkInvariants({
        database,
        undisturbed,
        seen,
        accepted: clients.accepted,
        named: clients.named,
        streams: clients.streams,
        foreign: await foreignAnswers(sample.slice(0, 2)),
        usage: [await usageNow()],
      })
      const isNew = (violation: Violation) => !known.has(JSON.stringify(violation))
      const news = found.filter(isNew)
      for (const violation of news) known.add(JSON.stringify(violation))
      return news
    },
  }
}

/** The key of a project of its own. */
async function createStranger({ ask }: Clients): Promise<string> {
  const project = (await ask({ path: '/v1/projects', body: { name: 'stranger' } })) as {
    id: string
  }
  const body = { name: 'stranger', project: project.id }
  const { secret } = (await ask({ path: '/v1/api-keys', body })) as { secret: string }
  return secret
}
