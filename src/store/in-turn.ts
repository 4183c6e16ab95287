/**
 * @file So many at once, and the others wait their turn, however long it takes: a pool would give up
 * on them after the time that a connection to Postgres may take.
 */

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function createInTurn(atOnce: number): InTurn {
  const waiting: (() => void)[] = []
  let working = 0

  return async (work) => {
    if (working < atOnce) working += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever is next takes this place over: nobody comes between.
      const next = waiting.shift()
      if (next) next()
      else working -= 1
    }
  }
}
