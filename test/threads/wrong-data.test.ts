/** @file Models that cannot learn from the kind of data that they are given are refused, with what can. */
import { describe, expect, test } from 'vitest'

import type { DatasetProfile } from '../../src/contract/datasets.ts'
import { AppError } from '../../src/contract/errors.ts'
import type { Spec } from '../../src/contract/spec/spec.ts'
import { planJob } from '../../src/threads/plan.ts'
import { brightEnds } from '../support/idx.ts'
import { imageFile, textFile, xor } from './support/datasets.ts'
import { aSpec, aTextSpec, type ModelInput } from './support/specs.ts'

function complaintsOf(spec: Spec, { profile }: { readonly profile: DatasetProfile }) {
  try {
    planJob(spec, { profile, bytes: 1000 }, null)
  } catch (error) {
    if (error instanceof AppError) return error.errors
    throw error
  }
  return []
}

const gpt = { type: 'gpt', layers: 1, heads: 1, channels: 8 } as const
const tokens = { type: 'embedding', vocabulary: 8, channels: 4 } as const
const attention = { type: 'attention', heads: 2 } as const
const block = { type: 'transformer_block', heads: 2 } as const
const dense = { type: 'dense', units: 8 } as const
const list = (...layers: object[]) => ({ type: 'layers', layers }) as ModelInput

describe('a text', () => {
  const text = textFile('to be or not to be, '.repeat(100)) // 8 characters
  const onText = (model: ModelInput) =>
    complaintsOf(aTextSpec({ text: { context: 4 }, model }), text)

  test.each([
    ['attention', [tokens, attention, dense], '/model/layers/1/causal', 'Layer 1 (attention)'],
    ['a block', [tokens, block, dense], '/model/layers/1/causal', 'Layer 1 (transformer_block)'],
    [
      'attention in residuals',
      [tokens, { type: 'residual', layers: [{ type: 'residual', layers: [attention] }] }, dense],
      '/model/layers/1/layers/0/layers/0/causal',
      'Layer 1 (residual), layer 0 (residual), layer 0 (attention)',
    ],
  ])('%s must not see what each position learns', (_name, layers, pointer, path) => {
    expect(onText(list(...layers))).toEqual([
      {
        pointer,
        code: 'looks_ahead',
        detail: `${path}: set causal to true. On a text each position learns the next character, which attention without it would see.`,
      },
    ])
  })

  test('every attention that does is named', () => {
    expect(
      onText(list(tokens, attention, { ...attention, causal: true }, block, dense)),
    ).toMatchObject([{ pointer: '/model/layers/1/causal' }, { pointer: '/model/layers/3/causal' }])
  })

  test('attention to those before is welcome, and any where one answer follows a whole window', () => {
    const causal = { causal: true }
    expect(
      onText(list(tokens, { ...attention, ...causal }, { ...block, ...causal }, dense)),
    ).toEqual([])
    expect(onText(list(tokens, attention, { type: 'flatten' }, dense))).toEqual([])
  })

  test('an embedding has a vector for each of its characters', () => {
    expect(onText(list({ ...tokens, vocabulary: 7 }, dense))).toEqual([
      {
        pointer: '/model/layers/0/vocabulary',
        code: 'vocabulary_too_small',
        detail:
          'The text has 8 distinct characters, so the embedding needs a vocabulary of at least 8, got 7.',
      },
    ])
    expect(onText(list({ ...tokens, vocabulary: 9 }, dense))).toEqual([])
  })

  const begin = 'layers that begin with {"type": "embedding", "vocabulary": 8, "channels": 32}'
  test.each<[ModelInput, string, string]>([
    [{ type: 'mlp' }, '/model/type', `Set the model to gpt, or to ${begin}.`],
    [{ type: 'cnn' }, '/model/type', `Set the model to gpt, or to ${begin}.`],
    [list(dense), '/model/layers/0', `Give ${begin}, or set the model to gpt.`],
  ])('is no quantity (%#)', (model, pointer, remedy) => {
    expect(onText(model)).toMatchObject([
      { pointer, code: 'wrong_data', detail: expect.stringContaining(remedy) },
    ])
  })
})

describe('a table', () => {
  const pixels = { image: { shape: [1, 1, 2] as [number, number, number] } }
  const onTable = (model: ModelInput, features?: object) =>
    complaintsOf(aSpec({ model, features }), xor)

  test('is no text: what can learn from it is named, and nothing else', () => {
    expect(onTable(gpt)).toMatchObject([
      {
        pointer: '/model/type',
        code: 'wrong_data',
        detail: 'gpt reads text, but the dataset is a table. Set the model to mlp or layers.',
      },
    ])
    expect(onTable(gpt, pixels)).toMatchObject([
      { detail: expect.stringContaining('Set the model to mlp, cnn or layers.') },
    ])
  })

  test('is an image only if that is said', () => {
    expect(onTable({ type: 'cnn' })).toMatchObject([
      { pointer: '/model/type', detail: expect.stringMatching(/^cnn reads images, .*"image"/) },
    ])
    const small = { type: 'cnn', kernel_size: 1, pool: 1 } as const
    expect(onTable(small, pixels)).toEqual([])
  })

  test('of tokens may be looked at in both directions', () => {
    const layers = list(tokens, attention, { type: 'flatten' }, { type: 'dense', units: 1 })
    expect(onTable(layers, { scaling: 'none' })).toEqual([])
  })
})

describe('images', () => {
  const { images, labels } = brightEnds(30)
  const file = imageFile(images, labels)
  const onImages = (model: ModelInput) => complaintsOf(aSpec({ target: undefined, model }), file)

  test('are neither text nor tokens', () => {
    expect(onImages(gpt)).toMatchObject([
      { pointer: '/model/type', detail: expect.stringContaining('mlp, cnn or layers') },
    ])
    expect(onImages(list(tokens, { type: 'flatten' }, { type: 'dense', units: 1 }))).toMatchObject([
      { pointer: '/model/layers/0', code: 'not_tokens', detail: expect.stringContaining('0 to 1') },
    ])
  })

  test('are one row for each answer', () => {
    const conv = { type: 'conv2d', filters: 2, kernel_size: 1 }
    const one = { type: 'dense', units: 1 }
    expect(onImages(list(conv, one, { type: 'sigmoid' }))).toEqual([
      {
        pointer: '/model/layers/1',
        code: 'output_mismatch',
        detail:
          'Layer 1 (dense) puts out (2, 2, 1) for each row; expected (1). Put a flatten or global_average_pool2d layer before it, which makes one row of each.',
      },
    ])
    expect(onImages(list(conv))).toMatchObject([
      {
        pointer: '/model/layers/0',
        detail:
          'Layer 0 (conv2d) puts out (2, 2, 3) for each row; expected (1). Add a flatten or global_average_pool2d layer, and after it a dense layer with units 1.',
      },
    ])
    expect(onImages(list({ type: 'batch_norm' }, { type: 'relu' }))).toMatchObject([
      { pointer: '/model/layers/1', detail: expect.stringMatching(/^Layer 1 \(relu\) puts out/) },
    ])
    expect(onImages(list(conv, { type: 'flatten' }))).toMatchObject([
      {
        pointer: '/model/layers/1',
        detail: expect.stringMatching(/Add a dense layer with units 1\.$/),
      },
    ])
  })
})
