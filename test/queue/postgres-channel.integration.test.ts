/** @file The live channel over Postgres, through a proxy that makes its LISTEN fail. */
import { connect, createServer, type Server, type Socket } from 'node:net'

import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { createPostgresChannel } from '../../src/queue/postgres-channel.ts'
import { type TestDatabase, testDatabase } from '../support/services.ts'

let database: TestDatabase
let proxy: Server
let url: URL
let refuses = false
const open = new Set<Socket>()
let opened = 0

beforeEach(async () => {
  database = await testDatabase({ isEmpty: true })
  const { hostname, port } = new URL(database.url)
  proxy = createServer((client) => {
    open.add(client)
    opened += 1
    const server = connect(Number(port), hostname)
    client.on('data', (data) => {
      // A word of the same length that Postgres does not know: an error, on a sound connection.
      const text = data.toString('latin1')
      server.write(Buffer.from(refuses ? text.replace('LISTEN', 'LISTEX') : text, 'latin1'))
    })
    server.pipe(client)
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(client)
        client.destroy()
        server.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  url = new URL(database.url)
  url.host = `127.0.0.1:${typeof address === 'object' && address?.port}`
})

afterEach(async () => {
  refuses = false
  for (const socket of open) socket.destroy()
  proxy.close()
  await database.dispose()
})

test('a start whose LISTEN fails leaves no connection', async () => {
  refuses = true
  const starting = createPostgresChannel(url.href, { onText: () => {}, onError: () => {} })

  await expect(starting).rejects.toThrow('LISTEX')
  await expect.poll(() => open.size, { timeout: 2_000 }).toBe(0)
})

test('each retry whose LISTEN fails closes its connection, and once it succeeds all is as before', async () => {
  const heard: string[] = []
  const channel = await createPostgresChannel(url.href, {
    onText: (text) => heard.push(text),
    onError: () => {},
  })
  refuses = true
  opened = 0
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'trainyard live'`,
  )
  await expect.poll(() => opened, { timeout: 10_000 }).toBe(3)
  await expect.poll(() => open.size, { timeout: 900 }).toBe(0)

  refuses = false
  await expect
    .poll(
      async () => {
        await channel.send('job_1').catch(() => {})
        return heard.length
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0)
  await channel.close()
  await admin.end()
})
