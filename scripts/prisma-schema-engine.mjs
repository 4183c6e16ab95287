#!/usr/bin/env node
/**
 * @file Prisma's schema engine for a machine that cannot download the native one.
 *
 * `@prisma/schema-engine-wasm` is the same engine, compiled to WebAssembly and published on npm. This
 * program puts the native engine's front on it: `cli <subcommand>` for the few questions about a
 * whole database, and otherwise JSON-RPC, one message a line, over stdin and stdout. Prisma's CLI
 * starts it where PRISMA_SCHEMA_ENGINE_BINARY points here, as prisma.mjs arranges.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const require = createRequire(import.meta.url)
const args = process.argv.slice(2)

/** { url?, shadowDatabaseUrl? }; without a url only commands that need no database work. */
const datasource = JSON.parse(optionOf('--datasource') ?? '{}')

if (args.includes('--version')) {
  console.log(`schema-engine-cli ${require('@prisma/schema-engine-wasm/package.json').version}`)
} else if (args.includes('cli')) {
  await answerAboutDatabase(args[args.indexOf('cli') + 1])
} else {
  await serveJsonRpc()
}

function optionOf(name) {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args[at + 1]
}

// ---------------------------------------------------------------- whole databases

function databaseOf(url) {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

function withDatabase(url, database) {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

async function query(connectionString, sql) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function quoted(identifier) {
  return `"${identifier.replaceAll('"', '""')}"`
}

function administer(sql) {
  return query(withDatabase(datasource.url, 'postgres'), sql)
}

/** The exit code is the answer; a refusal is a log line, in the form that the CLI parses. */
async function answerAboutDatabase(subcommand) {
  const { url } = datasource
  try {
    switch (subcommand) {
      case 'can-connect-to-database':
        return await query(url, 'SELECT 1')
      case 'create-database':
        return await administer(`CREATE DATABASE ${quoted(databaseOf(url))}`)
      case 'drop-database':
        return await administer(`DROP DATABASE IF EXISTS ${quoted(databaseOf(url))}`)
      default:
        throw new Error(`Unknown subcommand "${subcommand}" of the schema engine.`)
    }
  } catch (error) {
    const isMissing = error.code === '3D000' // Postgres: the database does not exist
    const fields = {
      message: String(error.message),
      error_code: isMissing ? 'P1003' : 'P1001',
      is_panic: false,
      meta: {},
    }
    const target = 'schema_engine::logger'
    console.error('{}') // the CLI skips the first line: the native engine greets with it
    console.error(JSON.stringify({ timestamp: new Date(), level: 'ERROR', fields, target }))
    process.exitCode = 1
  }
}

// ---------------------------------------------------------------- the engine

/**
 * Postgres's catalogs are full of the type "char" (oid 18), which the adapter of 7.10 refuses, and the
 * engine panics where it gets such a column as text. So pg announces it as "char"[] (oid 1002), which
 * the adapter knows and the engine never selects, and `readingChars` names the column rightly.
 */
function announceCharsAsCharArrays() {
  const Result = require('pg/lib/result.js')
  const { addFields } = Result.prototype
  Result.prototype.addFields = function (fields) {
    addFields.call(this, fields) // picks the parsers by the true type
    for (const field of fields) if (field.dataTypeID === 18) field.dataTypeID = 1002
  }
}

function readingChars(adapter) {
  const queryRaw = adapter.queryRaw.bind(adapter)
  const startTransaction = adapter.startTransaction?.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    const columnTypes = result.columnTypes.map((type) =>
      type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type,
    )
    return { ...result, columnTypes }
  }
  if (startTransaction) {
    adapter.startTransaction = async (level) => readingChars(await startTransaction(level))
  }
  return adapter
}

/** Opens connections to the database, and makes and drops the shadow database of `migrate dev`. */
function connectingFactory({ url, shadowDatabaseUrl }) {
  announceCharsAsCharArrays()
  const schema = new URL(url).searchParams.get('schema') ?? undefined
  const connect = async (connectionString) =>
    readingChars(await new PrismaPg({ connectionString }, { schema }).connect())

  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connect(url),
    // Our own, since the adapter's connects to the main database when given a connection string.
    async connectToShadowDb() {
      if (shadowDatabaseUrl) return connect(shadowDatabaseUrl)
      const database = `prisma_migrate_shadow_db_${randomUUID()}`
      await administer(`CREATE DATABASE ${quoted(database)}`)
      const shadow = await connect(withDatabase(url, database))
      const dispose = shadow.dispose.bind(shadow)
      shadow.dispose = async () => {
        await dispose()
        await administer(`DROP DATABASE IF EXISTS ${quoted(database)} WITH (FORCE)`)
      }
      return shadow
    },
  }
}

/**
 * Stands in where there is no database. `migrate diff` between files works on paper, but the engine
 * asks for the version of its server all the same, and asks for nothing else.
 */
function paperFactory() {
  const refuse = async () => {
    throw new Error('This command needs a database: set DATABASE_URL.')
  }
  const adapter = {
    provider: 'postgres',
    adapterName: 'paper',
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    async queryRaw({ sql }) {
      if (!sql.includes('version()')) return refuse()
      return {
        columnNames: ['exists', 'version', 'numeric_version'],
        columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
        rows: [[true, 'PostgreSQL 18.4', 180004]],
      }
    },
    executeRaw: refuse,
    executeScript: refuse,
    startTransaction: refuse,
    dispose: async () => {},
  }
  const { provider, adapterName } = adapter
  return { provider, adapterName, connect: async () => adapter, connectToShadowDb: refuse }
}

/** Once per process: the glue module keeps views of the one memory it was given. */
async function loadEngine() {
  const glueName = '@prisma/schema-engine-wasm/schema_engine_bg'
  const glue = await import(glueName)
  const wasm = join(dirname(require.resolve(glueName)), 'schema_engine_bg.wasm')
  const imports = { './schema_engine_bg.js': glue }
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), imports)
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  // Without it a panic of the engine is a TypeError about its own reporting.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) }
  return glue.SchemaEngine
}

// ---------------------------------------------------------------- JSON-RPC

/** Messages are answered in order: the engine holds one connection. */
async function serveJsonRpc() {
  const SchemaEngine = await loadEngine()
  const factory = datasource.url ? connectingFactory(datasource) : paperFactory()
  let started
  /** Connects, so not before the first message that needs it. */
  function engine() {
    started ??= SchemaEngine.new({}, () => {}, bindMigrationAwareSqlAdapterFactory(factory))
    return started
  }

  let nextPrintId = 1
  let last = Promise.resolve()

  const send = (message) =>
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

  /** The few methods that the two engines spell differently; all others pass through. */
  const methods = {
    async createDatabase() {
      const databaseName = databaseOf(datasource.url)
      await administer(`CREATE DATABASE ${quoted(databaseName)}`).catch((error) => {
        if (error.code !== '42P04') throw error // it exists: fine
      })
      return { databaseName }
    },
    getDatabaseVersion: async () => (await engine()).version(null),
    async evaluateDataLoss(params) {
      // Once it has applied a migration, the engine forgets how to make a shadow database, until it
      // is asked to diagnose.
      const { migrationsList, filters } = params
      await (await engine()).devDiagnostic({ migrationsList, filters })
      return (await engine()).evaluateDataLoss(params)
    },
    async diff(params) {
      const { stdout, ...result } = await (await engine()).diff(params)
      if (stdout != null) send({ method: 'print', id: nextPrintId++, params: { content: stdout } })
      return { ...result, stdout: null }
    },
  }

  async function answer({ id, method, params }) {
    if (!method) return // the CLI's reply to one of our prints
    try {
      const result = await (methods[method]?.(params) ?? (await engine())[method](params))
      send({ id, result: result ?? {} })
    } catch (error) {
      const data = { is_panic: false, message: String(error.message), meta: error.meta ?? {} }
      send({
        id,
        error: {
          code: 4466, // what the native engine answers for every failure it can name
          message: 'An error happened. Check the data field for details.',
          data: { ...data, error_code: error.code ?? null },
        },
      })
    }
  }

  createInterface({ input: process.stdin })
    .on('line', (line) => {
      last = last.then(() => answer(JSON.parse(line)))
    })
    .on('close', () => last.then(() => process.exit(0)))
}
