/**
 * @file The name that was probably meant, for a suggestion: one that differs only in case or in blanks
 * around, or else in few letters.
 */
/** Longer names are compared for case alone: the cost of counting letters grows with the square. */
const maxLength = 64

export function nearestName(name: string, names: Iterable<string>): string | null {
  const plain = name.trim().toLowerCase()
  let nearest: string | null = null
  // A third of the letters wrong is a slip; more is another word.
  let best = Math.floor(plain.length / 3) + 1
  for (const candidate of names) {
    const other = candidate.trim().toLowerCase()
    if (other === plain) return candidate
    if (other.length > maxLength || plain.length > maxLength) continue
    if (Math.abs(other.length - plain.length) >= best) continue
    const distance = editDistance(plain, other)
    if (distance < best) {
      best = distance
      nearest = candidate
    }
  }
  return nearest
}

/** Letters to insert, delete or replace: Levenshtein's distance, one row of its table at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1))
    }
    previous = current
  }
  return previous[b.length]
}
