/** @file What a network foretells for the next character, as the likeliest ones with probabilities. */
import type { Prediction } from '../../contract/predictions.ts'
import { DataError } from '../data-error.ts'

/** How many are told: the rest are hardly likely, and there may be thousands. */
export const likeliestCharacters = 20

/** `probabilities` are by token; `row` is for messages, and counts from 1. On a tie the first wins. */
export function decodeCharacters(
  characters: readonly string[],
  probabilities: Float32Array,
  row: number,
): Prediction {
  if (!probabilities.every(Number.isFinite)) {
    throw new DataError('the network puts out no finite number.', { row })
  }
  const tokens = Array.from(probabilities.keys())
    .sort((a, b) => probabilities[b] - probabilities[a] || a - b)
    .slice(0, likeliestCharacters)
  return {
    label: characters[tokens[0]],
    probability: probabilities[tokens[0]],
    probabilities: Object.fromEntries(
      tokens.map((token) => [characters[token], probabilities[token]]),
    ),
  }
}
