/** @file What clients were answered while a fault went on: statuses, times, and cut connections. */

export interface Answer {
  readonly verb: string
  readonly path: string
  readonly status: number
  readonly ms: number
  /** It said when to come again. */
  readonly isWait: boolean
}

export interface Tally {
  add(answer: Answer): void
  /** No answer came, or not all of it. */
  addCut(error: unknown): void
  /**
   * 5xx that are not in `allowed`, 503 that do not say when to come again, and connections that were cut
   * though nobody killed what answers; each once, with its number.
   */
  complaints(allowed: readonly number[], options: { readonly areCutsAllowed: boolean }): string[]
  count(status: number): number
  /** Of POSTs that were served, in milliseconds. */
  postTimes(): number[]
  reset(): void
}

export function createTally(): Tally {
  let answers: Answer[] = []
  let cuts: string[] = []
  return {
    add: (answer) => void answers.push(answer),
    addCut: (error) => void cuts.push(describeCut(error)),
    complaints(allowed, { areCutsAllowed }) {
      const bad = answers.flatMap(({ verb, path, status, isWait }) => {
        const route = `${verb} ${path.replace(/\w+_[0-9a-f]{32}/g, '{id}')}`
        if (status >= 500 && !allowed.includes(status)) return [`${status} from ${route}`]
        return status === 503 && !isWait ? [`503 from ${route} without Retry-After`] : []
      })
      const counts = new Map<string, number>()
      for (const what of areCutsAllowed ? bad : [...bad, ...cuts]) {
        counts.set(what, (counts.get(what) ?? 0) + 1)
      }
      return [...counts].map(([what, n]) => `${n} × ${what}`)
    },
    count: (status) => answers.filter((answer) => answer.status === status).length,
    postTimes: () =>
      answers
        .filter(({ verb, path, status }) => verb === 'POST' && path === '/v1/jobs' && status < 300)
        .map(({ ms }) => ms),
    reset() {
      answers = []
      cuts = []
    },
  }
}

/** fetch says only that it failed; its cause says why. */
function describeCut(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return `a request was cut: ${cause instanceof Error ? cause.message : String(cause)}`
}

export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
