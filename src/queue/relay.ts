/**
 * @file The relay: carries messages from the outbox in Postgres to the queue.
 *
 * It is woken after each commit that wrote to the outbox, and looks by itself every second, so a
 * wake that was lost in a crash costs a second. Wakes while it works are gathered into one more pass,
 * a few milliseconds later, which makes batches of what comes in under load.
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
  let stopped = false

  function wake(): void {
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
      if (!again || stopped) return
      again = false
      start(gatherMs)
    })
  }

  async function run(afterMs: number): Promise<void> {
    try {
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
      let carried = batchSize
      while (carried === batchSize && !stopped) carried = await drain(batchSize, send)
    } catch (error) {
      // The messages stay in the outbox; the next pass tries again.
      onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  const timer = setInterval(wake, pollEveryMs)
  return {
    wake,
    async stop() {
      stopped = true
      clearInterval(timer)
      await pass
    },
  }
}
