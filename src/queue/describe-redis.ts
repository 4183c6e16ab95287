/**
 * @file What a Redis is and how it is set, for whoever looks after it. Read from INFO, which hosted ones
 * answer too, where CONFIG is refused.
 */
import { Redis } from 'ioredis'

export interface RedisFacts {
  readonly version: string
  /** What it does when its memory is full. */
  readonly evictionPolicy: string
  /** It keeps an append-only file, so a crash loses a second of messages at most. */
  readonly hasAppendOnlyFile: boolean
}

const answersWithinMs = 5_000

export async function describeRedis(url: string): Promise<RedisFacts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: answersWithinMs,
    commandTimeout: answersWithinMs,
  })
  let lost: Error | undefined
  redis.on('error', (error) => {
    lost = error
  })
  try {
    await redis.connect()
    const info = await redis.info()
    const fieldOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
    return {
      version: fieldOf('redis_version'),
      evictionPolicy: fieldOf('maxmemory_policy'),
      hasAppendOnlyFile: fieldOf('aof_enabled') === '1',
    }
  } catch (error) {
    throw lost ?? error // "Connection is closed." says less
  } finally {
    redis.disconnect()
  }
}
