/** @file The jobs that crash, and what they are without a crash: the measure of all that follows. */
import { Plan } from '../../../src/contract/plans.ts'
import type { Client } from '../../e2e/support/client.ts'
import { irisCsv } from '../../e2e/support/long-job.ts'
import type { JobKind } from './circumstances.ts'

export interface MeasuredJobs {
  readonly specs: Readonly<Record<JobKind, object>>
  /** Ids of jobs that nothing happened to, one of each kind. */
  readonly undisturbed: readonly string[]
}

/** 1,200 x 1,000 weights are 4.8 MB: two chunks. */
const wide = { type: 'mlp', hidden: [1200, 1000], activation: 'relu' }

/** `seconds` are those of a plain job: enough for a checkpoint and for what is asked of it. */
export async function measureJobs(client: Client, seconds: number): Promise<MeasuredJobs> {
  const base = { dataset: await client.upload(irisCsv), target: { column: 'species' } }
  const training = { batch_size: 16, seed: 7, validation: { fraction: 0.2 }, threads: 1 }
  const model = { type: 'mlp', hidden: [256, 256], activation: 'tanh', dropout: 0.1 }
  const withEpochs = (epochs: number) => ({ ...base, model, training: { ...training, epochs } })
  const plan = await client.post(Plan, '/v1/plans', withEpochs(100))
  const plain = withEpochs(Math.ceil((seconds / plan.seconds) * 100))
  const large = { ...base, model: wide, training: { ...training, epochs: 3 } }
  // Wide enough that two threads share it.
  const team = { ...large, training: { ...training, batch_size: 120, epochs: 8, threads: 2 } }

  const first = await client.createJob(plain)
  await client.jobEnded(first.id)
  const [latest] = await client.checkpoints(first.id)
  const child = { ...plain, init_from: { job: first.id, checkpoint: latest.id } }
  const undisturbed = [first.id]
  for (const spec of [large, team, child]) {
    const { id } = await client.createJob(spec)
    await client.jobEnded(id)
    undisturbed.push(id)
  }
  return { specs: { plain, large, team, child }, undisturbed }
}
