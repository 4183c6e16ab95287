/**
 * @file Plain text: counted, checked, not kept. Characters are Unicode code points, as a tokenizer
 * sees them; a last line without a line end is a line all the same.
 */
import { DataError } from '../data-error.ts'
import { createUtf8Decoder } from './utf8-decoder.ts'

export interface TextReader {
  write(bytes: Uint8Array): void
  end(): { characters: number; lines: number }
}

export function createTextReader(): TextReader {
  let characters = 0
  let lineEnds = 0
  let endsInLineEnd = true

  const decoder = createUtf8Decoder({
    rowNow: () => lineEnds + 1,
    onText(text) {
      characters += text.length
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code === 0x0a) lineEnds += 1
        // The second half of a pair belongs to the character of the first.
        else if (code >= 0xdc00 && code <= 0xdfff) characters -= 1
      }
      if (text !== '') endsInLineEnd = text.endsWith('\n')
    },
  })

  return {
    write: decoder.write,
    end() {
      decoder.end()
      if (characters === 0) throw new DataError('The file is empty. Expected text.')
      return { characters, lines: lineEnds + (endsInLineEnd ? 0 : 1) }
    },
  }
}
