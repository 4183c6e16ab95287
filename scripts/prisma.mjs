/**
 * @file `npm run prisma -- <command>`: the stock Prisma CLI, offline.
 *
 * The CLI wants to download a native schema engine the first time it runs. It is given ours instead
 * (prisma-schema-engine.mjs, the same engine as WebAssembly from npm), so nothing is fetched and
 * every command works: generate, validate, format, migrate dev, deploy, status, diff, db push.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
const schemaEngine = fileURLToPath(new URL('./prisma-schema-engine.mjs', import.meta.url))

const { status, signal } = spawnSync(process.execPath, [cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: schemaEngine,
    CHECKPOINT_DISABLE: '1', // no version check over the network
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  },
})
process.exit(signal ? 1 : (status ?? 1))
