/**
 * @file Which rows are held out for validation. Chance comes in as a permutation of the rows, so the
 * same seed holds out the same rows; both parts keep the order of the file.
 */
export interface SplitOptions {
  readonly rows: number
  /** Of the rows, for validation. */
  readonly fraction: number
  /** The class of each row, to keep the proportions of the classes. */
  readonly classes?: Int32Array
  /** All row numbers from 0, in random order. */
  readonly permutation: Uint32Array
}

export interface Split {
  readonly training: Uint32Array
  readonly validation: Uint32Array
}

/** At least one row on each side. Known before the split, so the door can plan with it. */
export function validationRowsOf(rows: number, fraction: number): number {
  return Math.min(rows - 1, Math.max(1, Math.round(rows * fraction)))
}

export function splitRows({ rows, fraction, classes, permutation }: SplitOptions): Split {
  const held = validationRowsOf(rows, fraction)
  const validation = new Uint32Array(held)
  const training = new Uint32Array(rows - held)
  const quotas = classes ? quotasOf(classes, held) : [held]
  let v = 0
  let t = 0
  for (const row of permutation) {
    const group = classes ? classes[row] : 0
    if (quotas[group] > 0) {
      quotas[group] -= 1
      validation[v++] = row
    } else {
      training[t++] = row
    }
  }
  return { training: training.sort(), validation: validation.sort() }
}

/**
 * How many rows of each class are held out: their share, rounded by largest remainder so that the
 * total is exact. Every class keeps a row to learn from, as long as that leaves enough to hold out.
 */
function quotasOf(classes: Int32Array, held: number): number[] {
  const counts: number[] = []
  for (const code of classes) counts[code] = (counts[code] ?? 0) + 1
  const sizes = Array.from(counts, (count) => count ?? 0)
  const shares = sizes.map((size) => (size * held) / classes.length)
  const quotas = shares.map(Math.floor)
  for (const kept of [1, 0]) fill(quotas, shares, sizes, kept, held)
  return quotas
}

/** Adds to the quota that is furthest below its share, until all are `held` together; `kept` rows of each class stay. */
function fill(quotas: number[], shares: number[], sizes: number[], kept: number, held: number) {
  let lacking = held - quotas.reduce((sum, quota) => sum + quota, 0)
  while (lacking > 0) {
    let furthest = -1
    for (let i = 0; i < quotas.length; i++) {
      if (quotas[i] >= sizes[i] - kept) continue
      if (furthest === -1 || shares[i] - quotas[i] > shares[furthest] - quotas[furthest]) {
        furthest = i
      }
    }
    if (furthest === -1) return
    quotas[furthest] += 1
    lacking -= 1
  }
}
