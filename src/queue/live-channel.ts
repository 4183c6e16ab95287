/**
 * @file The live channel: tells every process that something new was committed for some jobs.
 *
 * It carries ids and no content, and may lose a message: whoever listens reads from Postgres, and
 * looks there now and then anyway. What may be the end of a job is told at once; after that, and for
 * what is less urgent, ids are gathered for a few milliseconds, so a thousand commits a second are two
 * hundred messages.
 */
import { createPostgresChannel } from './postgres-channel.ts'
import { createRedisChannel } from './redis-channel.ts'

/** `goingOn`: those of the jobs that surely have not ended with this. */
export type Listener = (jobIds: readonly string[], goingOn: ReadonlySet<string>) => void

export interface LiveChannel {
  /** `goesOn`: the job has not ended with this, so whoever waits for its end need not look. */
  publish(jobId: string, options?: { readonly goesOn?: boolean }): void
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

/** Behind the id of a job that goes on. */
const goingOnMark = '+'

/** Postgres takes at most 8,000 bytes in a notification: 38 a job. */
const idsPerMessage = 200

export async function createLiveChannel(options: LiveChannelOptions): Promise<LiveChannel> {
  const { redisUrl, databaseUrl, onError } = options
  const listeners = new Set<Listener>()
  const onText = (text: string) => {
    const goingOn = new Set<string>()
    const jobIds = text.split(' ').map((word) => {
      if (!word.endsWith(goingOnMark)) return word
      const jobId = word.slice(0, -goingOnMark.length)
      goingOn.add(jobId)
      return jobId
    })
    for (const listener of listeners) listener(jobIds, goingOn)
  }
  const channel: Channel =
    redisUrl === null
      ? await createPostgresChannel(databaseUrl, { onText, onError })
      : createRedisChannel(redisUrl, { onText, onError })

  /** Whether the job goes on with all that is to be told of it. */
  const gathered = new Map<string, boolean>()
  let timer: NodeJS.Timeout | undefined
  /** When what may be the end of a job was last told. */
  let toldAtMs = Number.NEGATIVE_INFINITY

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if ([...gathered.values()].includes(false)) toldAtMs = performance.now()
    const words = [...gathered].map(([id, goesOn]) => (goesOn ? id + goingOnMark : id))
    gathered.clear()
    for (let i = 0; i < words.length; i += idsPerMessage) {
      channel.send(words.slice(i, i + idsPerMessage).join(' ')).catch(onError)
    }
  }

  return {
    publish(jobId, { goesOn = false } = {}) {
      gathered.set(jobId, goesOn && gathered.get(jobId) !== false)
      if (!goesOn && performance.now() - toldAtMs >= gatherMs) flush()
      else timer ??= setTimeout(flush, gatherMs)
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
