/** @file What the scenarios train: jobs that are done at once, and jobs that keep a thread busy. */
import { cpus } from 'node:os'

import type { Client } from '../support/client.ts'
import { sleep } from './scenario.ts'

export const trivialJob = (dataset: string) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { epochs: 1, batch_size: 'full' },
})

/** Hours on any machine: it trains until it is cancelled. */
export const endlessJob = (dataset: string, training: object = {}) => ({
  ...trivialJob(dataset),
  model: { type: 'mlp', hidden: [256, 256] },
  training: { epochs: 5_000_000, batch_size: 'full', ...training },
})

export async function upload(client: Client): Promise<string> {
  const csv = 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n'
  return (await made(client.send('POST', '/v1/datasets', csv, { 'content-type': 'text/csv' }))).id
}

/** What was made, or an error with the answer. */
export async function made<T = { id: string }>(
  answer: ReturnType<Client['send']>,
): Promise<T & { id: string }> {
  const { status, body } = await answer
  if (status !== 201 && status !== 202 && status !== 200) throw new Error(`${status}: ${body}`)
  return JSON.parse(body)
}

/** A job on every core, each of them seen to train. */
export async function trainOnAllCores(
  client: Client,
  dataset: string,
  training: object = {},
): Promise<string[]> {
  const ids: string[] = []
  for (const _ of cpus()) {
    ids.push((await made(client.send('POST', '/v1/jobs', endlessJob(dataset, training)))).id)
  }
  for (const id of ids) {
    while ((await statusOf(client, id)) !== 'running') await sleep(50)
  }
  await sleep(1_000) // compiled and warm
  return ids
}

export async function statusOf(client: Client, id: string): Promise<string> {
  return (await made<{ status: string }>(client.send('GET', `/v1/jobs/${id}`))).status
}

export async function cancelAll(client: Client, ids: readonly string[]): Promise<void> {
  for (const id of ids) await client.send('POST', `/v1/jobs/${id}/cancel`)
}

export interface ListedJob {
  readonly id: string
  readonly status: string
  readonly ended_at: string | null
}

/** Every job of the key's project, page by page. */
export async function listJobs(client: Client): Promise<ListedJob[]> {
  const jobs: ListedJob[] = []
  for (let after = ''; ; after = `&after=${jobs.at(-1)?.id}`) {
    const { body } = await client.send('GET', `/v1/jobs?limit=100${after}`)
    const page: { data: ListedJob[]; has_more: boolean } = JSON.parse(body)
    jobs.push(...page.data)
    if (!page.has_more) return jobs
  }
}
