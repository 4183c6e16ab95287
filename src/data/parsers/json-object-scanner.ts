/** @file Where a JSON object ends, for one that may arrive in several texts. It is not checked here. */
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map(
  (character) => character.charCodeAt(0),
)

/**
 * Returns a function that reads on from `from`, and returns the index behind the object's last
 * bracket, or -1 when the object goes on in the next text. Then it is ready for another object.
 */
export function createObjectScanner(): (text: string, from: number) => number {
  let depth = 0
  let inString = false
  let escaped = false

  return (text, from) => {
    for (let i = from; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (inString) {
        if (escaped) escaped = false
        else if (code === backslash) escaped = true
        else if (code === quote) inString = false
      } else if (code === quote) inString = true
      else if (code === openBrace || code === openBracket) depth += 1
      else if (code === closeBrace || code === closeBracket) {
        depth -= 1
        if (depth === 0) return i + 1
      }
    }
    return -1
  }
}
