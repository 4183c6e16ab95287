/** @file Numbers of the advisory locks that this service takes, so that no two mean one thing. */
export const advisoryLocks = {
  /** Whoever holds it makes the first API key. */
  firstKey: 7_272_001,
  /** Whoever holds it is the reconciler. */
  reconciler: 7_272_002,
  /** Whoever holds it collects what the retention policy lets go. */
  collector: 7_272_003,
} as const
