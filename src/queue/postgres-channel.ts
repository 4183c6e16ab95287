/**
 * @file The live channel over Postgres LISTEN and NOTIFY, on one connection of its own.
 *
 * NOTIFY runs after the commit it tells of, in a statement that writes nothing: inside that
 * transaction it would make all commits wait for one another.
 */
import pg from 'pg'

import type { Channel, ChannelOptions } from './live-channel.ts'

const channelName = 'trainyard_live'
const reconnectAfterMs = 1_000

export async function createPostgresChannel(
  databaseUrl: string,
  { onText, onError }: ChannelOptions,
): Promise<Channel> {
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let lastSent: Promise<void> = Promise.resolve()
  let client: pg.Client | undefined
  client = await connect()

  async function connect(): Promise<pg.Client> {
    const connecting = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'trainyard live',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    })
    connecting.on('error', onError)
    connecting.on('notification', ({ payload }) => onText(payload ?? ''))
    try {
      await connecting.connect()
      await connecting.query(`LISTEN ${channelName}`)
    } catch (error) {
      connecting.end().catch(onError) // else each retry would leave a connection behind
      throw error
    }
    connecting.on('end', reconnect)
    return connecting
  }

  function reconnect(): void {
    client = undefined
    if (closed || timer) return
    timer = setTimeout(() => {
      timer = undefined
      connect().then(
        (connected) => {
          if (closed) connected.end().catch(onError)
          else client = connected
        },
        (error) => {
          onError(error)
          reconnect()
        },
      )
    }, reconnectAfterMs)
  }

  return {
    send(text) {
      // One at a time: a connection takes the next statement when it has answered the last.
      const sent = lastSent.then(async () => {
        await client?.query('SELECT pg_notify($1, $2)', [channelName, text])
      })
      lastSent = sent.catch(() => {})
      return sent
    },

    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
