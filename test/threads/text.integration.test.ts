import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile, TrainedModel } from '../../src/contract/tasks.ts'
import { decodeSafetensors } from '../../src/engine/index.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { textFile } from './support/datasets.ts'
import { predictionsOf } from './support/predictions.ts'
import { aTextSpec, aWindowReader } from './support/specs.ts'
import { pointsOf, prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())

/** Two characters tell the third. */
const song = textFile('abcab cab'.repeat(100))
const spec = aTextSpec({
  model: aWindowReader(4, 32),
  training: {
    steps: 1500,
    batch_size: 16,
    seed: 1,
    optimizer: { type: 'adam', learning_rate: 0.01 },
    validation: { fraction: 0.1 },
  },
})

async function train(given: Spec, file: DatasetFile, validation: DatasetFile | null = null) {
  const prepared = prepareTask(given, file, validation)
  const result = await pool.train(prepared.task, { threads: 1, bytes: 0 })
  return { result, messages: prepared.messages() }
}

async function trained(given: Spec, file: DatasetFile) {
  const { result, messages } = await train(given, file)
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  const weights = new SharedArrayBuffer(result.weights.length)
  new Uint8Array(weights).set(result.weights)
  const { preprocessing } = result
  const model: TrainedModel = { jobId: 'job_text', spec: given, preprocessing, weights }
  return { result, messages, model }
}

describe('a network that foretells the next character', () => {
  let job: Awaited<ReturnType<typeof trained>>
  beforeAll(async () => {
    job = await trained(spec, song)
  })

  test('learns what a text repeats', () => {
    const { evaluation, metrics } = job.result

    // One window in nine begins with what two others begin with too: it cannot be told.
    expect(evaluation.validation).toMatchObject({ task: 'language_modeling', rows: 44, tokens: 44 })
    expect(evaluation.training).toMatchObject({ task: 'language_modeling', rows: 128, tokens: 128 })
    expect(metrics.validation_accuracy).toBeGreaterThan(0.7)
    expect(metrics.validation_perplexity).toBeCloseTo(Math.exp(metrics.validation_loss ?? 0), 9)
    expect(Object.keys(metrics).sort()).toEqual([
      'accuracy',
      'loss',
      'perplexity',
      'validation_accuracy',
      'validation_loss',
      'validation_perplexity',
    ])
  })

  test('reports as any job does, and the report agrees with the series', () => {
    const losses = pointsOf(job.messages, 'validation_loss')
    const accuracies = pointsOf(job.messages, 'validation_accuracy')

    expect(losses.at(-1)?.value).toBeCloseTo(job.result.metrics.validation_loss ?? 0, 5)
    expect(accuracies.at(-1)?.value).toBeCloseTo(job.result.metrics.validation_accuracy ?? 0, 9)
  })

  test('says what comes after a text', async () => {
    const rows = [{ text: 'ab cabab' }, { text: ' c' }, { text: 'ca' }]
    const result = await pool.predict({ model: job.model, rows }, { threads: 1, bytes: 0 })
    const predictions = predictionsOf(result)

    expect(predictions.slice(1)).toMatchObject([{ label: 'a' }, { label: 'b' }])
    const [first] = predictions
    if (!('label' in first)) throw new Error('expected a label')
    expect(Object.keys(first.probabilities).sort()).toEqual([' ', 'a', 'b', 'c'])
    expect(first.probability).toBe(Math.max(...Object.values(first.probabilities)))
  })

  test.each([
    ['fewer characters than it reads', { text: 'a' }, /at least 2 characters, .* got 1/],
    ['a character that it does not know', { text: 'ax' }, /the character "x"/],
    ['no text', { a: 1 }, /got nothing/],
  ])('%s is refused, with its place', async (_name, row, detail) => {
    const rows = [{ text: 'ab' }, row]
    const result = await pool.predict({ model: job.model, rows }, { threads: 1, bytes: 0 })

    expect(result).toMatchObject({
      outcome: 'refused',
      problem: { code: 'invalid_rows', errors: [{ pointer: '/rows/1/text' }] },
    })
    expect(result.outcome === 'refused' && result.problem.detail).toMatch(detail)
  })

  test('keeps its tokenizer with its weights', () => {
    const { metadata } = decodeSafetensors(job.result.weights)

    expect(metadata.task).toBe('language_modeling')
    expect(JSON.parse(metadata.preprocessing)).toEqual({
      version: 1,
      kind: 'text',
      tokenizer: 'characters',
      context: 2,
      characters: ' abc',
    })
  })
})

test('a validation text with characters that nobody knew of ends the job, and says which', async () => {
  const training = { steps: 1, validation: { dataset: `ds_${'0'.repeat(32)}` } }
  const other = textFile('abcd')
  const withoutAlphabet = { ...other, profile: { ...other.profile, alphabet: undefined } }
  const { result } = await train(aTextSpec({ training }), song, withoutAlphabet)

  expect(result).toMatchObject({
    outcome: 'failed',
    reason: { code: 'invalid_data', message: expect.stringContaining('the character "d"') },
  })
})
