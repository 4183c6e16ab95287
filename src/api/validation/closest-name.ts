/** @file The name that was probably meant, for whoever mistyped it. */

const maxLength = 64

/** Undefined when nothing is near: one change for short names, two from six letters on. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxLength) return undefined
  const allowed = name.length < 6 ? 1 : 2
  const near = known
    .map((candidate) => ({ candidate, changes: changesBetween(name, candidate) }))
    .filter(({ changes }) => changes <= allowed)
    .sort((a, b) => a.changes - b.changes)
  return near[0]?.candidate
}

/** Letters to insert, remove or replace: Levenshtein's distance, row by row. Case does not count. */
function changesBetween(a: string, b: string): number {
  const from = a.toLowerCase()
  const to = b.toLowerCase()
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[to.length]
}
