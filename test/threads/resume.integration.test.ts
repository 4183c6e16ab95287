/**
 * @file A checkpoint that one thread has taken, and another goes on from: every family of models under
 * every optimizer, on one thread and on two.
 */
import { createHash } from 'node:crypto'

import { afterAll, describe, expect, test } from 'vitest'

import { OptimizerSpec } from '../../src/contract/spec/training.ts'
import {
  type CheckpointFiles,
  checkpointAsks,
  controlWords,
  type TakenCheckpoint,
  type TrainResult,
} from '../../src/contract/tasks.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { type Family, families } from './support/families.ts'
import { type PreparedTask, prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e10 })
afterAll(() => pool.stop({ force: true }))

const optimizers = [
  { type: 'sgd', learning_rate: 0.01 },
  { type: 'momentum', learning_rate: 0.003 },
  { type: 'nesterov', learning_rate: 0.003 },
  { type: 'adam', learning_rate: 0.003 },
  { type: 'adamw', learning_rate: 0.003, decay: 'matrices' },
  { type: 'rmsprop', learning_rate: 0.001, momentum: 0.9 },
].map((optimizer) => OptimizerSpec.parse(optimizer))

/** Within an epoch, or, of the mlp, between its last step and the validation that follows. */
const cutAt = 7

function prepared({ spec, data }: Family, optimizer: OptimizerSpec): PreparedTask {
  const training = { ...spec.training, optimizer, checkpoint_every: cutAt }
  return prepareTask({ ...spec, training }, data)
}

function endOf(result: TrainResult, { messages }: PreparedTask) {
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  return {
    weights: createHash('sha256').update(result.weights).digest('hex'),
    evaluation: result.evaluation,
    points: messages().flatMap(({ points }) => points),
  }
}

/** As the store gives them back: copies, since they move to the thread. */
function stored({ weights, rest }: TakenCheckpoint): CheckpointFiles {
  return { weights: weights.slice().buffer, rest: rest.slice().buffer }
}

async function undisturbed(family: Family, optimizer: OptimizerSpec, threads: number) {
  const whole = prepared(family, optimizer)
  const words = new Int32Array(whole.task.control)
  words[controlWords.checkpoint] = checkpointAsks.atMultiple
  const end = endOf(await pool.train(whole.task, { threads, bytes: 0 }), whole)
  const messages = whole.messages()
  const place = messages.findIndex((message) => message.checkpoint)
  const checkpoint = messages[place]?.checkpoint
  if (!checkpoint) throw new Error('No checkpoint was taken.')
  const after = messages.slice(place + 1).flatMap(({ points }) => points)
  return { end, checkpoint, after }
}

async function resumed(
  family: Family,
  optimizer: OptimizerSpec,
  threads: number,
  checkpoint: TakenCheckpoint,
) {
  const rest = prepared(family, optimizer)
  const task = { ...rest.task, resume: stored(checkpoint) }
  const end = endOf(await pool.train(task, { threads, bytes: 0 }), rest)
  expect(task.resume.rest.byteLength, 'what is left here, once it has moved').toBe(0)
  return end
}

describe.each(families)('$name', (family) => {
  test.each(optimizers)(
    '$type: the same weights, and the points after its step',
    async (optimizer) => {
      const whole = await undisturbed(family, optimizer, 1)
      expect(whole.checkpoint.step).toBe(cutAt)
      expect(whole.after.length).toBeGreaterThan(0)

      const counts = [1, 2].filter((each) => each <= family.maxThreads)
      for (const threads of counts) {
        const end = await resumed(family, optimizer, threads, whole.checkpoint)
        expect(end, `on ${threads} threads`).toEqual({ ...whole.end, points: whole.after })
      }
      const byMost = await undisturbed(family, optimizer, counts.length)
      expect(byMost).toEqual({
        ...whole,
        checkpoint: { ...whole.checkpoint, milliseconds: byMost.checkpoint.milliseconds },
      })
    },
  )
})

test('a checkpoint of another job is refused before anything is computed', async () => {
  const [one, other] = families
  if (!one || !other || !optimizers[0]) throw new Error('Expected two families.')
  const { checkpoint } = await undisturbed(one, optimizers[0], 1)
  const rest = prepared(other, optimizers[0])
  const result = await pool.train(
    { ...rest.task, resume: stored(checkpoint) },
    { threads: 2, bytes: 0 },
  )

  expect(result).toMatchObject({ outcome: 'mismatched', step: 0 })
  expect(rest.messages()).toEqual([])
})
