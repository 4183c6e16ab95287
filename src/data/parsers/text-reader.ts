/**
 * @file Plain text: counted, checked, not kept. Characters are Unicode code points, as a tokenizer
 * sees them; a last line without a line end is a line all the same.
 */
import { maxAlphabet, maxVocabulary } from '../../contract/datasets.ts'
import { DataError } from '../data-error.ts'
import { createUtf8Decoder } from './utf8-decoder.ts'

export interface TextReader {
  write(bytes: Uint8Array): void
  end(): TextCounts
}

export interface TextCounts {
  readonly characters: number
  readonly lines: number
  /** Distinct characters; null when they are more than `maxVocabulary`. */
  readonly vocabulary: number | null
  /** Those characters, by code point; not there when they are more than `maxAlphabet`. */
  readonly alphabet?: string
}

const codePoints = 0x110000
const lineEnd = 0x0a

export function createTextReader(): TextReader {
  let characters = 0
  let lineEnds = 0
  let endsInLineEnd = true
  const seen = new Uint8Array(codePoints)
  let distinct = 0

  const decoder = createUtf8Decoder({
    rowNow: () => lineEnds + 1,
    onText(text) {
      for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i) ?? 0
        if (code > 0xffff) i += 1 // it takes two places
        if (code === lineEnd) lineEnds += 1
        characters += 1
        distinct += 1 - seen[code]
        seen[code] = 1
      }
      if (text !== '') endsInLineEnd = text.endsWith('\n')
    },
  })

  return {
    write: decoder.write,
    end() {
      decoder.end()
      if (characters === 0) throw new DataError('The file is empty. Expected text.')
      return {
        characters,
        lines: lineEnds + (endsInLineEnd ? 0 : 1),
        vocabulary: distinct <= maxVocabulary ? distinct : null,
        ...(distinct <= maxAlphabet && { alphabet: charactersIn(seen) }),
      }
    },
  }
}

/** By code point: 1 for those that are there. */
function charactersIn(seen: Uint8Array): string {
  let characters = ''
  for (let code = seen.indexOf(1); code >= 0; code = seen.indexOf(1, code + 1)) {
    characters += String.fromCodePoint(code)
  }
  return characters
}
