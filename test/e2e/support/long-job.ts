/**
 * @file A job that trains for some seconds on whatever machine this is, so that there is time to end
 * its worker in the middle.
 */
import { readFileSync } from 'node:fs'

import { Plan } from '../../../src/contract/plans.ts'
import type { Client } from './client.ts'

export const irisCsv = readFileSync('examples/data/iris.csv', 'utf8')

/** A spec, to be POSTed as often as the same weights are wanted. */
export async function longJob(
  client: Client,
  seconds: number,
  training: object = {},
): Promise<object> {
  const dataset = await client.upload(irisCsv)
  const withEpochs = (epochs: number) => ({
    dataset,
    target: { column: 'species' },
    model: { type: 'mlp', hidden: [32], activation: 'tanh', dropout: 0.1 },
    training: { epochs, batch_size: 16, seed: 7, validation: { fraction: 0.2 }, ...training },
  })
  const plan = await client.post(Plan, '/v1/plans', withEpochs(1000))
  return withEpochs(Math.ceil((seconds / plan.seconds) * 1000))
}
