/**
 * @file A text as tokens, one per character. The vocabulary is every distinct code point of the whole
 * text, sorted, so that it is the same whatever is held out.
 */
import type { TextProfile } from '../../contract/datasets.ts'
import { DataError, type DataPlace, quoted } from '../data-error.ts'
import { eachCharacter, readCharacters } from './read-characters.ts'
import { createTokens, type Tokens } from './tokens.ts'

export interface TokenizedText {
  readonly tokens: Tokens
  /** By token. */
  readonly characters: string
}

const codePoints = 0x110000

/** What `tokenizeCorpus` takes up beside its tokens. */
export const tokenizerBytes = codePoints * Uint32Array.BYTES_PER_ELEMENT

/** In one pass: characters are numbered as they come, and renumbered at the end. */
export function tokenizeCorpus(
  bytes: Uint8Array,
  { characters, vocabulary }: Pick<TextProfile, 'characters' | 'vocabulary'>,
  onProgress: () => void = () => {},
): TokenizedText {
  const known = vocabulary ?? codePoints
  const tokens = createTokens(known, characters)
  /** By code point: 1 more than its number; 0 for none yet. */
  const numbers = new Uint32Array(codePoints)
  const firstSeen: number[] = []
  let at = 0
  readCharacters(
    bytes,
    (code) => {
      if (numbers[code] === 0) numbers[code] = firstSeen.push(code)
      tokens[at++] = numbers[code] - 1
    },
    onProgress,
  )
  if (at !== characters || firstSeen.length !== known) {
    const expected = `the ${characters} characters, ${known} of them distinct, that it had when it was uploaded`
    throw new DataError(`The file does not have ${expected}, but ${at} and ${firstSeen.length}.`)
  }
  const sorted = firstSeen.toSorted((a, b) => a - b)
  const placeOf = new Map(sorted.map((code, place) => [code, place]))
  const places = Uint32Array.from(firstSeen, (code) => placeOf.get(code) ?? 0)
  for (let i = 0; i < tokens.length; i++) tokens[i] = places[tokens[i]]
  return { tokens, characters: sorted.map((code) => String.fromCodePoint(code)).join('') }
}

export type Vocabulary = ReadonlyMap<number, number>

/** By code point. */
export function vocabularyOf(characters: string): Vocabulary {
  return new Map([...characters].map((character, token) => [character.codePointAt(0) ?? 0, token]))
}

/** Another text with the tokens of the first, which must have all its characters. */
export function tokenizeWith(
  characters: string,
  bytes: Uint8Array,
  length: number,
  onProgress: () => void = () => {},
): Tokens {
  const vocabulary = vocabularyOf(characters)
  const tokens = createTokens(vocabulary.size, length)
  let at = 0
  readCharacters(
    bytes,
    (code) => {
      const token = vocabulary.get(code)
      if (token === undefined) throw unknown(code, 'The validation dataset')
      tokens[at++] = token
    },
    onProgress,
  )
  return tokens
}

/** Of a text that is at hand. Throws DataError for a character that is not known. */
export function tokensOf(text: string, vocabulary: Vocabulary, place: DataPlace): number[] {
  const tokens: number[] = []
  eachCharacter(text, (code) => {
    const token = vocabulary.get(code)
    if (token === undefined) throw unknown(code, 'the text', place)
    tokens.push(token)
  })
  return tokens
}

function unknown(code: number, where: string, place: DataPlace = {}): DataError {
  const character = quoted(String.fromCodePoint(code))
  const came = `${where} has the character ${character}, which the training dataset does not have`
  return new DataError(`${came}. Replace it.`, place)
}
