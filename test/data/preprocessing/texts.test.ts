import { describe, expect, test } from 'vitest'

import type { TextPreprocessing } from '../../../src/contract/preprocessing.ts'
import { decodeCharacters } from '../../../src/data/preprocessing/decode-characters.ts'
import { encodeTexts } from '../../../src/data/preprocessing/encode-texts.ts'

const abc: TextPreprocessing = {
  version: 1,
  kind: 'text',
  tokenizer: 'characters',
  context: 3,
  characters: 'abc😀',
}

describe('texts of a prediction', () => {
  test('are their last tokens, as many as the network reads', () => {
    const { inputs, lengths } = encodeTexts(abc, [{ text: 'aabc😀' }, { text: 'b' }])

    expect([...inputs]).toEqual([1, 2, 3, 1, 0, 0])
    expect([...lengths]).toEqual([3, 1])
  })

  test.each([
    [
      'nothing',
      {},
      'Row 1, column "text": expected some text, such as {"text": "To be"}, got nothing.',
    ],
    ['an empty text', { text: '' }, 'got "".'],
    ['a number', { text: 5 }, 'got 5.'],
    ['a character that is not known', { text: 'abd' }, 'the text has the character "d"'],
  ])('%s is refused', (_name, row, message) => {
    expect(() => encodeTexts(abc, [row])).toThrow(message)
  })
})

describe('what comes next', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']

  test('is told with the likeliest first, and no more than twenty of them', () => {
    const probabilities = Float32Array.from(letters, (_, i) => (i === 7 ? 0.5 : i / 1000))
    const prediction = decodeCharacters(letters, probabilities, 1)
    if (!('label' in prediction)) throw new Error('expected a label')

    expect(prediction).toMatchObject({ label: 'h', probability: 0.5 })
    const told = Object.keys(prediction.probabilities)
    expect(told.slice(0, 3)).toEqual(['h', 'z', 'y'])
    expect(told).toHaveLength(20)
  })

  test('that is no number is refused', () => {
    const none = Float32Array.from(letters, () => Number.NaN)
    expect(() => decodeCharacters(letters, none, 2)).toThrow('Row 2')
  })
})
