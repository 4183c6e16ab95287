/**
 * @file Token buckets: how much of a rate is left to whom. Kept in this process.
 *
 * A bucket holds what may come at once, and fills at the rate: whoever sends more than that is held to
 * the rate from second to second. A minute's allowance that came all at once, with each new minute,
 * would be a flood for everyone else.
 */

export interface Taken {
  readonly isGranted: boolean
  /** Whole tokens that are left. */
  readonly remaining: number
  /** Until the bucket is full, and until it holds a token. */
  readonly fullInMs: number
  readonly nextInMs: number
}

export interface TokenBuckets {
  /** One token of the owner's bucket, if it holds one. The rate may be another than at the last time. */
  take(owner: string, perMinute: number, nowMs: number): Taken
  /** Buckets that are kept: those that were not full when last looked at. */
  readonly size: number
}

const minuteMs = 60_000

/** What may come at once: the work of ten seconds, and a small allowance whole. */
const burstMs = 10_000
const wholeUpTo = 60

const capacityOf = (perMinute: number) =>
  Math.max(Math.min(perMinute, wholeUpTo), Math.floor((perMinute * burstMs) / minuteMs))

/** Of so many, those that have filled up are let go. */
const sweepAtLeast = 1_000

interface Bucket {
  /** Taken, and not filled up again: so a new rate counts what was taken under the old one. */
  missing: number
  perMinute: number
  atMs: number
}

export function createTokenBuckets(): TokenBuckets {
  const buckets = new Map<string, Bucket>()
  let sweepAt = sweepAtLeast

  function missingAt({ missing, perMinute, atMs }: Bucket, nowMs: number): number {
    return Math.max(0, missing - ((nowMs - atMs) * perMinute) / minuteMs)
  }

  /** Once for as many new ones as were kept, so it costs each of them the same. */
  function sweep(nowMs: number): void {
    for (const [owner, bucket] of buckets) {
      if (missingAt(bucket, nowMs) === 0) buckets.delete(owner)
    }
    sweepAt = Math.max(sweepAtLeast, buckets.size * 2)
  }

  return {
    take(owner, perMinute, nowMs) {
      const known = buckets.get(owner)
      const before = known ? missingAt(known, nowMs) : 0
      const capacity = capacityOf(perMinute)
      const isGranted = before + 1 <= capacity
      const missing = isGranted ? before + 1 : before
      if (!known && buckets.size >= sweepAt) sweep(nowMs)
      buckets.set(owner, { missing, perMinute, atMs: nowMs })
      return {
        isGranted,
        remaining: Math.max(0, Math.floor(capacity - missing)),
        fullInMs: (missing * minuteMs) / perMinute,
        nextInMs: (Math.max(0, missing + 1 - capacity) * minuteMs) / perMinute,
      }
    },
    get size() {
      return buckets.size
    },
  }
}
