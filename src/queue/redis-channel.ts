/** @file The live channel over Redis PUBLISH and SUBSCRIBE. */
import { Redis } from 'ioredis'

import type { Channel, ChannelOptions } from './live-channel.ts'

const channelName = 'trainyard-live'

export function createRedisChannel(url: string, { onText, onError }: ChannelOptions): Channel {
  const retryStrategy = (attempt: number) => Math.min(attempt * 100, 2_000)
  const publisher = new Redis(url, {
    retryStrategy,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  })
  // A subscriber subscribes again by itself whenever it has reconnected.
  const subscriber = new Redis(url, { retryStrategy, maxRetriesPerRequest: null })
  publisher.on('error', onError)
  subscriber.on('error', onError)
  subscriber.on('message', (_channel, text) => onText(text))
  subscriber.subscribe(channelName).catch(onError)

  return {
    async send(text) {
      // While Redis is away the message is lost; readers look into Postgres anyway.
      if (publisher.status === 'ready') await publisher.publish(channelName, text)
    },

    async close() {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}
