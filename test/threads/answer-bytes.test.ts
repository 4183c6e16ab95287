import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Prediction } from '../../src/contract/predictions.ts'
import type { Preprocessing, TargetEncoding } from '../../src/contract/preprocessing.ts'
import { decodeCharacters } from '../../src/data/preprocessing/decode-characters.ts'
import { decodePredictions } from '../../src/data/preprocessing/decode-predictions.ts'
import {
  answerBytesPerRow,
  checkAnswerBytes,
  maxAnswerBytes,
} from '../../src/threads/answer-bytes.ts'

const tableOf = (target: TargetEncoding): Preprocessing => ({
  version: 1,
  inputs: 1,
  features: [],
  target,
})
const textOf = (characters: string): Preprocessing => ({
  version: 1,
  kind: 'text',
  tokenizer: 'characters',
  context: 1,
  characters,
})
const bytesOf = (data: Prediction[]) =>
  Buffer.byteLength(JSON.stringify({ object: 'predictions', data }))

/** What is long as JSON: escapes, characters of four bytes, numbers with all their digits. */
const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
const labels = fc.uniqueArray(label, { minLength: 2, maxLength: 30 })
const long = fc.constantFrom(-1.234567890123456e-6, -1.2345678901234568e-300, 0.1, -1e20 / 3)
const rows = 3

describe('no answer is longer than was foreseen', () => {
  test('labels with their probabilities', () => {
    fc.assert(
      fc.property(labels, fc.float({ min: 0, max: 1, noNaN: true }), (classes, probability) => {
        const outputs = classes.length === 2 ? 1 : classes.length
        const target = { task: 'classification', column: 'y', classes, outputs } as const
        const all = new Float32Array(rows * outputs).fill(probability)
        const answer = decodePredictions(target, all, rows)

        expect(bytesOf(answer)).toBeLessThan(rows * answerBytesPerRow(tableOf(target)))
      }),
    )
  })

  test('quantities of several columns', () => {
    fc.assert(
      fc.property(labels, long, (names, offset) => {
        const columns = names.map((column) => ({ column, offset, scale: 0 }))
        const target = { task: 'regression' as const, columns }
        const answer = decodePredictions(target, new Float32Array(rows * columns.length), rows)

        expect(bytesOf(answer)).toBeLessThan(rows * answerBytesPerRow(tableOf(target)))
      }),
    )
  })

  test('characters', () => {
    const characters = Array.from({ length: 40 }, (_, i) => String.fromCodePoint(i))
    const probabilities = new Float32Array(40).fill(1.1754943e-6)
    const answer = Array.from({ length: rows }, () =>
      decodeCharacters(characters, probabilities, 1),
    )

    expect(bytesOf(answer)).toBeLessThan(rows * answerBytesPerRow(textOf(characters.join(''))))
  })
})

test('10,000 texts, and as many rows of 10 classes, have an answer', () => {
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`)
  const target = { task: 'classification', column: 'y', classes, outputs: 10 } as const

  expect(checkAnswerBytes(textOf('x'.repeat(65_536)), 10_000)).toBeLessThan(maxAnswerBytes)
  expect(checkAnswerBytes(tableOf(target), 10_000)).toBeLessThan(maxAnswerBytes)
})

test('what would be longer is refused, and told how many rows may come', () => {
  const classes = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(10, 'x'))
  const preprocessing = tableOf({ task: 'classification', column: 'y', classes, outputs: 1000 })
  const most = Math.floor(maxAnswerBytes / answerBytesPerRow(preprocessing))

  expect(checkAnswerBytes(preprocessing, most)).toBeLessThanOrEqual(maxAnswerBytes)
  expect(() => checkAnswerBytes(preprocessing, most + 1)).toThrow(
    expect.objectContaining({
      code: 'limit_exceeded',
      message: expect.stringMatching(`at most ${most} rows`),
      errors: [expect.objectContaining({ pointer: '/rows', code: 'too_long_answer' })],
    }),
  )
})

test('a network whose answer for one row is too long is told so', () => {
  const columns = [{ column: 'x'.repeat(9_000_000), offset: 0, scale: 1 }]

  expect(() => checkAnswerBytes(tableOf({ task: 'regression', columns }), 1)).toThrow(
    /Train with fewer or shorter/,
  )
})
