/**
 * @file Training that blows up after some checkpoints, in every model family: the job fails and says at
 * which step, and the last checkpoint before that is kept and finite.
 */
import { decodeSafetensors } from '../../../src/engine/index.ts'
import type { Stand } from '../stand/stand.ts'
import type { Datasets } from '../workload/specs.ts'
import type { Fault } from './fault.ts'

/** The rate rises until it is far too high: the loss is finite for a second, and then no more. */
const explosion = {
  batch_size: 32,
  checkpoint_every: 1,
  threads: 1,
  optimizer: { type: 'sgd', learning_rate: 1e6 },
}

const families: Readonly<Record<string, (data: Datasets) => object>> = {
  mlp: ({ waves }) => ({
    dataset: waves,
    target: { columns: ['y0'] },
    model: { type: 'mlp', hidden: [32] },
    training: { ...explosion, steps: 2_000_000, schedule: rising(1e9) },
  }),
  cnn: ({ digits }) => ({
    dataset: digits,
    target: { column: 'digit', task: 'regression' }, // a class is as wrong as it can be, and finite
    features: { image: { shape: [1, 8, 8] } },
    model: { type: 'cnn', conv: [8], hidden: [32] },
    training: { ...explosion, steps: 200_000, schedule: rising(1e8) },
  }),
  gpt: ({ text }) => ({
    dataset: text,
    text: { context: 16 },
    model: { type: 'gpt', layers: 1, heads: 2, channels: 16 },
    training: { ...explosion, steps: 200_000, schedule: rising(1e8) },
  }),
  layers: ({ waves }) => ({
    dataset: waves,
    target: { columns: ['y0'] },
    model: {
      type: 'layers',
      layers: [{ type: 'dense', units: 16 }, { type: 'gelu' }, { type: 'dense', units: 1 }],
    },
    training: { ...explosion, steps: 2_000_000, schedule: rising(1e9) },
  }),
}

function rising(warmupSteps: number) {
  return { type: 'constant', warmup_steps: warmupSteps }
}

export const lossNotFinite: Fault = {
  name: 'loss-not-finite',
  says: 'the loss becomes NaN or infinite',
  asked: 'failed, loss_not_finite, the step, the last finite checkpoint; every model family',
  tries: {
    full: { redis: 4, postgres: 4 },
    short: { redis: 4, postgres: 0 },
  },
  allowed: [],
  async run({ stand }) {
    const { clients, datasets } = stand
    const jobs: [string, string][] = []
    for (const [family, specOf] of Object.entries(families)) {
      jobs.push([family, await clients.submit(specOf(datasets), { ends: ['failed'] })])
    }
    await stand.settle()
    const problems = await Promise.all(
      jobs.map(async ([family, id]) =>
        (await complaintsOf(stand, id)).map((what) => `${family}: ${what}`),
      ),
    )
    return { tries: jobs.length, recoveriesMs: [], problems: problems.flat() }
  },
}

interface Ended {
  readonly status_reason: { readonly code: string; readonly message: string }
  readonly progress: { readonly step: number }
}

interface Checkpoints {
  readonly data: readonly { readonly id: string; readonly step: number }[]
}

async function complaintsOf({ clients }: Stand, id: string): Promise<string[]> {
  const job = (await clients.ask({ path: `/v1/jobs/${id}` })) as Ended
  const { code, message } = job.status_reason ?? {}
  const step = Number(/step (\d+)/.exec(message ?? '')?.[1])
  const complaints = []
  if (code !== 'loss_not_finite') complaints.push(`it failed with ${code}`)
  if (!(step > 0)) complaints.push(`no step is named in "${message}"`)
  const list = (await clients.ask({ path: `/v1/jobs/${id}/checkpoints` })) as Checkpoints
  if (list.data.length === 0) complaints.push('no checkpoint is kept')
  for (const checkpoint of list.data) {
    if (checkpoint.step >= step)
      complaints.push(`a checkpoint at step ${checkpoint.step} of ${step}`)
    const path = `/v1/jobs/${id}/checkpoints/${checkpoint.id}/weights`
    const response = await clients.call({ path })
    const { tensors } = decodeSafetensors(new Uint8Array(await response.arrayBuffer()))
    for (const { data } of Object.values(tensors)) {
      if (!data.every((value) => Number.isFinite(value))) {
        complaints.push(`the checkpoint at step ${checkpoint.step} is not finite`)
      }
    }
  }
  return complaints
}
