/**
 * @file A connection for one long piece of work by whoever runs the service: no statement is cut short
 * by a time limit, since how long it takes depends on how much there is.
 */
import pg from 'pg'

export async function connectAdminClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: 'trainyard admin',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  client.on('error', () => {}) // what runs at that moment rejects with it
  await client.connect()
  await client.query('SET statement_timeout = 0')
  await client.query('SET idle_in_transaction_session_timeout = 0')
  // A policy that hides rows becomes an error, and never a backup without them.
  await client.query('SET row_security = off')
  return client
}
