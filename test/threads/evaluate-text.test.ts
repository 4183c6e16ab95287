import { expect, test } from 'vitest'

import { windowsOf } from '../../src/data/text/windows.ts'
import { evaluateText, type TextEvaluator } from '../../src/threads/evaluate-text.ts'
import type { EncodedRows } from '../../src/threads/prepared-data.ts'

const context = 4
const vocabulary = 3
const text = Uint8Array.from({ length: 41 }, (_, i) => i % 3)

function windows(targetSize: number): EncodedRows {
  const rows = 10
  return { rows, ...windowsOf(text, { rows, stride: context, context, targetSize }) }
}

/** Knows that 0, 1, 2 follow each other, and gives what follows a probability of 1/2. */
function aPredictor(places: number): TextEvaluator['predictor'] {
  const outputShape = places === 1 ? [vocabulary] : [places, vocabulary]
  return {
    outputShape,
    predict(inputs, rows) {
      const outputs = new Float32Array(rows * places * vocabulary).fill(0.25)
      for (let i = 0; i < rows * places; i++) {
        const seen = inputs[places === 1 ? i * context + context - 1 : i]
        outputs[i * vocabulary + ((seen + 1) % 3)] = 0.5
      }
      return outputs
    },
  }
}

function evaluator(places: number, onProgress = () => {}): TextEvaluator {
  return {
    predictor: aPredictor(places),
    lossName: 'categorical_cross_entropy',
    vocabulary,
    inputSize: context,
    rowsAtOnce: 3,
    onProgress,
  }
}

test('every token of every window counts once', () => {
  let slices = 0
  const report = evaluateText(
    windows(context),
    evaluator(context, () => {
      slices += 1
    }),
  )

  expect(report).toEqual({
    task: 'language_modeling',
    rows: 10,
    tokens: 40,
    loss: expect.closeTo(Math.LN2, 6),
    perplexity: expect.closeTo(2, 6),
    accuracy: 1,
  })
  expect(slices).toBe(4)
})

test('a network with one answer per window is judged by the token after it', () => {
  expect(evaluateText(windows(1), evaluator(1))).toMatchObject({
    rows: 10,
    tokens: 10,
    accuracy: 1,
  })
})

test('a sample is spread over all windows', () => {
  const seen: number[] = []
  const predictor = aPredictor(context)
  const watching: TextEvaluator = {
    ...evaluator(context),
    predictor: {
      ...predictor,
      predict(inputs, rows) {
        for (let row = 0; row < rows; row++) seen.push(inputs[row * context])
        return predictor.predict(inputs, rows)
      },
    },
  }
  const counting = Uint8Array.from({ length: 41 }, (_, i) => Math.floor(i / context))
  const rows = {
    ...windows(context),
    inputs: { values: counting.subarray(0, 40), stride: context },
  }
  const { tokens } = evaluateText(rows, watching, 4)

  expect(seen).toEqual([0, 2, 5, 7])
  expect(tokens).toBe(16)
})

test('a loss that is no number is null', () => {
  const hopeless = {
    ...evaluator(context),
    predictor: {
      outputShape: [context, vocabulary],
      predict: (_: unknown, rows: number) =>
        new Float32Array(rows * context * vocabulary).fill(NaN),
    },
  }

  expect(evaluateText(windows(context), hopeless)).toMatchObject({ loss: null, perplexity: null })
})
