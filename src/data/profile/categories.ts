/**
 * @file Counted values as a sorted list of categories. Text sorts by code unit, not by the customs of
 * a language: those differ between machines, and the order of classes must not.
 */
export interface Categories {
  readonly categories: string[]
  readonly counts: number[]
}

export function sortedByText(counts: ReadonlyMap<string, number>): Categories {
  const entries = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return { categories: entries.map(([text]) => text), counts: entries.map(([, count]) => count) }
}

export function sortedBySize(counts: ReadonlyMap<number, number>): Categories {
  const entries = [...counts].sort(([a], [b]) => a - b)
  return {
    categories: entries.map(([value]) => String(value)),
    counts: entries.map(([, count]) => count),
  }
}

/** Numbers among texts count as the text that JavaScript prints. */
export function merged(
  texts: ReadonlyMap<string, number>,
  numbers: ReadonlyMap<number, number>,
): Map<string, number> {
  const all = new Map(texts)
  for (const [value, count] of numbers) {
    all.set(String(value), (all.get(String(value)) ?? 0) + count)
  }
  return all
}
