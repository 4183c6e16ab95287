/**
 * @file How many connections to Postgres a process opens beside those of its requests and uploads, which
 * are settings. `npm run doctor` adds them up, and .env.example names them.
 */

export const connectionsOf = {
  /** Leases, claims, losses, small ends of runs: statements of milliseconds. */
  runs: 4,
  /**
   * Weights of more than a chunk take one for as long as a slow disk takes: seconds. Four of them at once
   * on those of the runs would keep every lease of the process waiting, and lose it.
   */
  results: 4,
  /** A checkpoint takes one for as long as its files take: others wait, and their jobs train on. */
  checkpoints: 2,
  /** For downloads, removals and housekeeping, beside those of uploads. */
  bulk: 4,
} as const

/** Of the queue, while it is on Postgres, and of the live channel; at most. */
const queueConnections = 7

/** Beside requests and uploads, at most. */
export const otherConnections =
  Object.values(connectionsOf).reduce((sum, count) => sum + count, 0) + queueConnections
