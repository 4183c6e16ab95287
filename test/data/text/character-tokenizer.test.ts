import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { tokenizeCorpus, tokenizeWith } from '../../../src/data/text/character-tokenizer.ts'
import { bytesOf } from '../support/reading.ts'

function tokenized(text: string) {
  const counts = { characters: [...text].length, vocabulary: new Set(text).size }
  return tokenizeCorpus(bytesOf(text), counts)
}

describe('a corpus', () => {
  test('is numbered in the order of Unicode, whatever came first', () => {
    const { tokens, characters } = tokenized('to be\n')

    expect(characters).toBe('\n beot')
    expect([...tokens]).toEqual([5, 4, 1, 2, 3, 0])
  })

  test('sorts by code point: what takes two places comes last', () => {
    // By code unit U+FF21 would come after U+1F600, whose first half is U+D83D.
    expect(tokenized('\u{1f600}\uff21a').characters).toBe('a\uff21\u{1f600}')
  })

  test('comes back from its tokens', () => {
    const texts = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `a${text}`)
    fc.assert(
      fc.property(texts, (given) => {
        const text = given.replaceAll('\0', '')
        const { tokens, characters } = tokenized(text)
        const byToken = [...characters]
        expect(Array.from(tokens, (token) => byToken[token]).join('')).toBe(text)
      }),
    )
  })

  test('takes one byte a token as long as they suffice, then two', () => {
    const distinct = (count: number) =>
      Array.from({ length: count }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')

    expect(tokenized(distinct(256)).tokens).toBeInstanceOf(Uint8Array)
    const { tokens } = tokenized(distinct(257))
    expect(tokens).toBeInstanceOf(Uint16Array)
    expect(tokens[256]).toBe(256)
  })

  test('that is not what was uploaded is refused', () => {
    const read = () => tokenizeCorpus(bytesOf('abc'), { characters: 4, vocabulary: 3 })
    expect(read).toThrow('the 4 characters, 3 of them distinct')
  })

  test('shows a sign of life for each piece, and may be ended there', () => {
    let pieces = 0
    const bytes = bytesOf('ab'.repeat(100_000))
    tokenizeCorpus(bytes, { characters: 200_000, vocabulary: 2 }, () => {
      pieces += 1
    })
    expect(pieces).toBe(4)
  })
})

describe('another text', () => {
  test('has the tokens of the first', () => {
    expect([...tokenizeWith('abc', bytesOf('cab'), 3)]).toEqual([2, 0, 1])
  })

  test('with a character that the first does not have is refused, by its name', () => {
    const read = () => tokenizeWith('abc', bytesOf('abé'), 3)
    expect(read).toThrow(
      'The validation dataset has the character "é", which the training dataset does not have. Replace it.',
    )
  })
})
