/**
 * @file The key that an object of a JSON text has twice, if there is one. JSON.parse would silently
 * keep the last.
 */

/** `text` must be valid JSON. */
export function findDuplicateKey(text: string): string | undefined {
  /** The keys of each object that is open, innermost last; arrays hold a place, but no keys. */
  const open: Set<string>[] = []
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g
  for (const match of text.matchAll(token)) {
    const [found, colon] = match
    if (found === '{' || found === '[') open.push(new Set())
    else if (found === '}' || found === ']') open.pop()
    else if (colon !== undefined) {
      const key: string = JSON.parse(found.slice(0, -colon.length))
      const keys = open[open.length - 1]
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}
