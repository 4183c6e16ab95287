/**
 * @file The live channel: tells every process that something new was committed for some jobs.
 *
 * It carries ids and no content, and may lose a message: whoever listens reads from Postgres, and
 * looks there now and then anyway. Ids are gathered for a few milliseconds, so a thousand commits a
 * second are a hundred messages.
 */
import { createPostgresChannel } from './postgres-channel.ts'
import { createRedisChannel } from './redis-channel.ts'

export type Listener = (jobIds: readonly string[]) => void

export interface LiveChannel {
  publish(jobId: string): void
  /** Returns the way to stop listening. */
  subscribe(listener: Listener): () => void
  close(): Promise<void>
}

/** What carries a text from one process to all. */
export interface Channel {
  send(text: string): Promise<void>
  close(): Promise<void>
}

export interface ChannelOptions {
  readonly onText: (text: string) => void
  readonly onError: (error: Error) => void
}

export interface LiveChannelOptions {
  readonly redisUrl: string | null
  readonly databaseUrl: string
  readonly onError: (error: Error) => void
}

const gatherMs = 5

/** Postgres takes at most 8,000 bytes in a notification: 36 a job id. */
const idsPerMessage = 200

export async function createLiveChannel(options: LiveChannelOptions): Promise<LiveChannel> {
  const { redisUrl, databaseUrl, onError } = options
  const listeners = new Set<Listener>()
  const onText = (text: string) => {
    const jobIds = text.split(' ')
    for (const listener of listeners) listener(jobIds)
  }
  const channel: Channel =
    redisUrl === null
      ? await createPostgresChannel(databaseUrl, { onText, onError })
      : createRedisChannel(redisUrl, { onText, onError })

  const gathered = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    timer = undefined
    const jobIds = [...gathered]
    gathered.clear()
    for (let i = 0; i < jobIds.length; i += idsPerMessage) {
      channel.send(jobIds.slice(i, i + idsPerMessage).join(' ')).catch(onError)
    }
  }

  return {
    publish(jobId) {
      gathered.add(jobId)
      timer ??= setTimeout(flush, gatherMs)
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      clearTimeout(timer)
      listeners.clear()
      await channel.close()
    },
  }
}
