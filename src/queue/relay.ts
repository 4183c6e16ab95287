/**
 * @file The relay: carries messages from the outbox in Postgres to the queue.
 *
 * It is woken after each commit that wrote to the outbox, and looks by itself every second, so a
 * wake that was lost in a crash costs a second. Wakes while it works are gathered into one more pass,
 * a few milliseconds later, which makes batches of what comes in under load.
 *
 * While the queue does not take them, it is asked once a second, with a single message: what has
 * gathered in the outbox meanwhile would cost more at each commit than the request that made it.
 */
export interface RelayOptions {
  /** Takes up to `limit` messages from the outbox and gives their number to `send`. */
  readonly drain: (limit: number, send: (count: number) => Promise<void>) => Promise<number>
  readonly send: (count: number) => Promise<void>
  readonly onError: (error: Error) => void
}

export interface Relay {
  wake(): void
  stop(): Promise<void>
}

const batchSize = 500
const pollEveryMs = 1_000
const gatherMs = 5

export function createRelay({ drain, send, onError }: RelayOptions): Relay {
  let pass: Promise<void> | undefined
  let again = false
  let failed = false
  let stopped = false

  function wake(): void {
    if (!failed) look()
  }

  function look(): void {
    if (stopped) return
    if (pass) {
      again = true
      return
    }
    start(0)
  }

  function start(afterMs: number): void {
    pass = run(afterMs).finally(() => {
      pass = undefined
      const isNext = again && !failed && !stopped
      again = false
      if (isNext) start(gatherMs)
    })
  }

  async function run(afterMs: number): Promise<void> {
    try {
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
      let limit = failed ? 1 : batchSize
      while ((await drain(limit, send)) === limit && !stopped) {
        failed = false
        limit = batchSize
      }
      failed = false
    } catch (error) {
      // The messages stay in the outbox; the next poll tries again.
      failed = true
      onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  const timer = setInterval(look, pollEveryMs)
  return {
    wake,
    async stop() {
      stopped = true
      clearInterval(timer)
      await pass
    },
  }
}
