/**
 * @file The receiving end: a BullMQ worker on the main thread, and a watchdog over it.
 *
 * The watchdog replaces a worker whose loop has ended by itself, as has been seen after long
 * outages of Redis. Messages that it held come back as stalled ones, and the reconciler counts.
 */
import type { Backend, MessageWorker } from './backend.ts'
import { withDeadline } from './deadline.ts'

export interface Consumer {
  /** Takes no more messages; resolves when those being worked on are done, or when time is up. */
  close(withinMs: number): Promise<void>
}

interface ConsumerOptions {
  readonly backend: Backend
  readonly process: () => Promise<void>
  readonly concurrency: number
  readonly onError: (error: Error) => void
}

const checkEveryMs = 5_000

export function createConsumer(options: ConsumerOptions): Consumer {
  const { backend, process, concurrency, onError } = options
  let worker = startWorker()

  function startWorker(): MessageWorker {
    const started = backend.createWorker(process, concurrency)
    started.on('error', onError)
    return started
  }

  const watchdog = setInterval(() => {
    if (worker.isRunning()) return
    onError(new Error('The queue worker had stopped by itself; a new one takes its place.'))
    worker.close(true).catch(onError)
    worker = startWorker()
  }, checkEveryMs)

  return {
    async close(withinMs) {
      clearInterval(watchdog)
      // After the deadline its messages are left to come back as stalled ones.
      await withDeadline(worker.close(), withinMs, 'Closing the queue worker').catch(onError)
    },
  }
}
