/**
 * @file The queue: BullMQ hands out the work, and knows nothing of it. A message means that there is
 * one more job to run; which one, the claim decides.
 */
import {
  type BackendName,
  type BackendOptions,
  createBackend,
  type MessageQueue,
} from './backend.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { withDeadline } from './deadline.ts'

export interface QueueOptions extends BackendOptions {
  /** Called for each connection error; they come many times a second while a server is away. */
  readonly onError: (error: Error) => void
}

export interface Queue {
  readonly backend: BackendName
  /** BullMQ's own queue, for whoever shows it. */
  readonly messages: MessageQueue
  /** Adds `count` messages. Rejects within seconds when the server is away. */
  send(count: number): Promise<void>
  /** Messages that no worker has taken yet. */
  countWaiting(): Promise<number>
  /** Calls `process` for each message, at most `concurrency` at once. */
  consume(process: () => Promise<void>, concurrency: number): Consumer
  ping(): Promise<void>
  close(): Promise<void>
}

/** Longer than any healthy answer, shorter than a client's patience. */
const answerWithinMs = 5_000

export async function createQueue({ onError, ...options }: QueueOptions): Promise<Queue> {
  const backend = await createBackend(options)
  const queue = backend.createQueue()
  queue.on('error', onError)

  async function countWaiting(): Promise<number> {
    return withDeadline(queue.getWaitingCount(), answerWithinMs, 'Counting waiting messages')
  }

  return {
    backend: backend.name,
    messages: queue,

    async send(count) {
      const messages = Array.from({ length: count }, () => ({ name: 'job', data: {} }))
      await withDeadline(queue.addBulk(messages), answerWithinMs, `Sending ${count} messages`)
    },

    countWaiting,

    consume(process, concurrency) {
      return createConsumer({ backend, process, concurrency, onError })
    },

    async ping() {
      await countWaiting()
    },

    async close() {
      // A connection that is down may never finish closing; the process must end all the same.
      await withDeadline(queue.close(), answerWithinMs, 'Closing the queue').catch(onError)
    },
  }
}
