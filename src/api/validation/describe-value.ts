/** @file What came, in a few words: short values as they are, long ones by their kind. */

const maxCharacters = 60

export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'number') return String(value) // also NaN, which JSON cannot write
  const text = JSON.stringify(value) ?? typeof value
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`
}
