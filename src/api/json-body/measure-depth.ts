/** @file How deep a JSON text nests, found without recursion and before anything is built from it. */

export const maxDepth = 64

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Stops counting just above the limit. The text need not be valid; brackets in strings do not count. */
export function measureDepth(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (inString) {
      if (letter === backslash) i += 1
      else if (letter === quote) inString = false
    } else if (letter === quote) {
      inString = true
    } else if (letter === openBrace || letter === openBracket) {
      depth += 1
      if (depth > deepest) deepest = depth
      if (depth > maxDepth) return depth
    } else if (letter === closeBrace || letter === closeBracket) {
      depth -= 1
    }
  }
  return deepest
}
