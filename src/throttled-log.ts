/**
 * @file A log for errors that repeat: while a server is away, clients of it complain many times a
 * second. The first is said at once, then one line a half minute with a count.
 */
interface Log {
  warn(fields: object, message: string): void
}

const quietMs = 30_000

export function createThrottledLog(log: Log, message: string): (error: Error) => void {
  let lastSaidMs = Number.NEGATIVE_INFINITY
  let unsaid = 0
  return (error) => {
    const nowMs = performance.now()
    if (nowMs - lastSaidMs < quietMs) {
      unsaid += 1
      return
    }
    log.warn({ err: error, alsoBefore: unsaid }, message)
    lastSaidMs = nowMs
    unsaid = 0
  }
}
