/** @file What comes after some texts: the likeliest next characters, by a network trained on text. */
import type { Prediction, PredictRow } from '../contract/predictions.ts'
import type { TextPreprocessing } from '../contract/preprocessing.ts'
import { DataError } from '../data/data-error.ts'
import { decodeCharacters } from '../data/preprocessing/decode-characters.ts'
import { encodeTexts } from '../data/preprocessing/encode-texts.ts'
import { sizeOf } from '../data/task.ts'
import type { Predictor } from '../engine/index.ts'

export interface LoadedNetwork {
  readonly predictor: Predictor
  /** Rows that it computes at once. */
  readonly maxRows: number
}

/** A slice at a time: a network answers for every place of a text, and one of them is wanted. */
export function predictTexts(
  preprocessing: TextPreprocessing,
  rows: readonly PredictRow[],
  network: () => LoadedNetwork,
): Prediction[] {
  const { context } = preprocessing
  const characters = [...preprocessing.characters]
  const { inputs, lengths } = encodeTexts(preprocessing, rows)
  const { predictor, maxRows } = network()
  const answerSize = sizeOf(predictor.outputShape)
  const answersAll = answerSize > characters.length
  if (!answersAll) requireWholeWindows(lengths, context)

  const predictions: Prediction[] = []
  for (let start = 0; start < rows.length; start += maxRows) {
    const count = Math.min(maxRows, rows.length - start)
    const slice = inputs.subarray(start * context, (start + count) * context)
    const outputs = Float32Array.from(predictor.predict(slice, count))
    for (let n = 0; n < count; n++) {
      const place = answersAll ? lengths[start + n] - 1 : 0
      const from = n * answerSize + place * characters.length
      const probabilities = outputs.subarray(from, from + characters.length)
      predictions.push(decodeCharacters(characters, probabilities, start + n + 1))
    }
  }
  return predictions
}

/** A network with one answer per window has learned nothing of shorter ones. */
function requireWholeWindows(lengths: Uint32Array, context: number): void {
  const short = lengths.findIndex((length) => length < context)
  if (short === -1) return
  const place = { row: short + 1, column: 'text' }
  const came = `expected at least ${context} characters, as many as the network reads at once`
  throw new DataError(`${came}, got ${lengths[short]}.`, place)
}
