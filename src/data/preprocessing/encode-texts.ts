/**
 * @file The texts of a prediction as the network sees them: the last tokens of each, as many as it
 * reads. What follows a shorter text is filled with the first token; a network that only looks back,
 * as it must to be of use, does not see it.
 */
import type { PredictRow } from '../../contract/predictions.ts'
import type { TextPreprocessing } from '../../contract/preprocessing.ts'
import { DataError, type DataPlace, quoted } from '../data-error.ts'
import { tokensOf, vocabularyOf } from '../text/character-tokenizer.ts'

export interface EncodedTexts {
  readonly inputs: Float32Array // (rows, context)
  /** How many tokens of each row are the text's own. */
  readonly lengths: Uint32Array
}

export function encodeTexts(
  { context, characters }: TextPreprocessing,
  rows: readonly PredictRow[],
): EncodedTexts {
  const vocabulary = vocabularyOf(characters)
  const inputs = new Float32Array(rows.length * context)
  const lengths = new Uint32Array(rows.length)
  for (const [n, row] of rows.entries()) {
    const place = { row: n + 1, column: 'text' }
    const tokens = tokensOf(textOf(row, place), vocabulary, place).slice(-context)
    inputs.set(tokens, n * context)
    lengths[n] = tokens.length
  }
  return { inputs, lengths }
}

function textOf(row: PredictRow, place: DataPlace): string {
  const text = Object.hasOwn(row, 'text') ? row.text : undefined
  if (typeof text === 'string' && text !== '') return text
  const came = text === undefined ? 'nothing' : quoted(text)
  throw new DataError(`expected some text, such as {"text": "To be"}, got ${came}.`, place)
}
