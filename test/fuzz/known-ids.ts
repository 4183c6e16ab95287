/**
 * @file Ids of things that are there. A request is generated before it is known which ones are, so it
 * holds a place such as `~job~17~`, which is filled when it is sent: the same seed makes the same
 * requests of another service. A checkpoint comes with the job that it is of, where a text has a place
 * for both.
 */

/** The place of an id. `pick` chooses among those that are known. */
export const placeOf = (prefix: string, pick: number) => `~${prefix}~${pick}~`

export interface KnownIds {
  /** Keeps every `"id": "…"` of an answer, unless it is to be spared. */
  learn(json: string): void
  /** A checkpoint, and whose it is. */
  learnCheckpoint(id: string, jobId: string): void
  /** Never given out: what the fuzzer itself works with. */
  spare(...ids: string[]): void
  fill(text: string): string
}

/** Of one kind; the oldest go, for they may have been removed. */
const kept = 40

export function createKnownIds(): KnownIds {
  const byPrefix = new Map<string, string[]>()
  const spared = new Set<string>()
  const jobOfCheckpoint = new Map<string, string>()

  function keep(prefix: string, id: string): void {
    const others = (byPrefix.get(prefix) ?? []).filter((other) => other !== id)
    byPrefix.set(prefix, [...others, id].slice(-kept))
  }

  function pick(prefix: string, number: string): string {
    const ids = byPrefix.get(prefix) ?? []
    return ids[Number(number) % ids.length] ?? `${prefix}_${number.padStart(32, '0')}`
  }

  return {
    learn(json) {
      for (const [, id, prefix] of json.matchAll(/"id":"((\w+?)_[0-9a-f]{32})"/g)) {
        if (!spared.has(id)) keep(prefix, id)
      }
    },
    learnCheckpoint(id, jobId) {
      keep('ckpt', id)
      jobOfCheckpoint.set(id, jobId)
    },
    spare(...ids) {
      for (const id of ids) spared.add(id)
    },
    fill(text) {
      const [, number] = /~ckpt~(\d+)~/.exec(text) ?? []
      const jobId = number === undefined ? undefined : jobOfCheckpoint.get(pick('ckpt', number))
      return text.replaceAll(/~(\w+?)~(\d+)~/g, (_, prefix: string, given: string) =>
        prefix === 'job' && jobId !== undefined ? jobId : pick(prefix, given),
      )
    },
  }
}
