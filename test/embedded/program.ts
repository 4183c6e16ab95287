/**
 * @file A program that uses an embedded Postgres, for tests to kill: `node --import tsx program.ts
 * <data folder>`. Prints the URL when it is up, and stops on SIGTERM.
 */
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'

const log = { info: () => {}, warn: () => {} }
const postgres = await startEmbeddedPostgres({ dataFolder: process.argv[2] ?? '', log })
process.once('SIGTERM', () => postgres.stop())
console.log(postgres.url)
