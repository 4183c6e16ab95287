/**
 * @file How long the answer to a prediction can be, known from the labels before any thread is asked:
 * few rows of a network with many classes are many probabilities.
 */
import { AppError } from '../contract/errors.ts'
import type { Preprocessing } from '../contract/preprocessing.ts'
import { likeliestCharacters } from '../data/preprocessing/decode-characters.ts'

/**
 * Whoever reads slowly keeps an answer in memory. Without a bound, 1,000 classes by 10,000 rows, asked
 * for in 99 KB, were 431 MB.
 */
export const maxAnswerBytes = 8 * 1024 * 1024

/** `-0.0000012345678901234567`, with a colon before it and a comma behind it. */
const numberBytes = 28

/** A character as JSON writes it, in quotes: `"\u0001"`. */
const characterBytes = 8

/** What stands around the label and its probabilities, or around quantities. */
const rowBytes = 64

/** Of the answer as JSON, for one row; no row takes more. */
export function answerBytesPerRow(preprocessing: Preprocessing): number {
  if ('characters' in preprocessing) {
    const answers = Math.min(preprocessing.characters.length, likeliestCharacters)
    return answers * (characterBytes + numberBytes) + characterBytes + numberBytes + rowBytes
  }
  const { target } = preprocessing
  const isRegression = target.task === 'regression'
  const labels = isRegression ? target.columns.map(({ column }) => column) : target.classes
  const lengths = labels.map((label) => Buffer.byteLength(JSON.stringify(label)))
  const all = lengths.reduce((sum, length) => sum + length + numberBytes, 0)
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0)
  return all + (isRegression ? 0 : longest + numberBytes) + rowBytes
}

/** Throws AppError `limit_exceeded` for rows whose answer would be too long; returns its bytes. */
export function checkAnswerBytes(preprocessing: Preprocessing, rows: number): number {
  const each = answerBytesPerRow(preprocessing)
  if (rows * each <= maxAnswerBytes) return rows * each
  const most = Math.floor(maxAnswerBytes / each)
  const came = `Expected an answer of at most ${maxAnswerBytes} bytes; with up to ${each} bytes a row, that of ${rows} rows may take ${rows * each}.`
  const remedy =
    most === 0
      ? 'Train with fewer or shorter classes or target columns.'
      : `Send at most ${most} rows in one request.`
  const detail = `${came} ${remedy}`
  throw new AppError('limit_exceeded', detail, {
    errors: [{ pointer: '/rows', code: 'too_long_answer', detail }],
  })
}
