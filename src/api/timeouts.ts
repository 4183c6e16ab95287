/** @file How long things may take, so that no client and no fault holds anything for ever. */

/** Of a request's headers. */
export const headersTimeoutMs = 15_000

/** Between a request and its answer, where a route says nothing else. */
export const handlerTimeoutMs = 60_000

/** For a route that carries a file: 1 GB at 300 kB a second. Its other guard is `idleTimeoutMs`. */
export const transferTimeoutMs = 3_600_000

/** Without a byte in either direction; event streams send a comment every 15 s. */
export const idleTimeoutMs = 60_000

/** Longer than the usual 60 s of load balancers, so that it is they who close. */
export const keepAliveTimeoutMs = 72_000

/** How often Node looks for connections that are over the above. */
export const checkEveryMs = 5_000
