#!/usr/bin/env node
/**
 * @file `npm start`, and `trainyard`: builds what has changed, then becomes the program. In the same
 * process, so Ctrl-C and SIGTERM reach it directly. Arguments pass through.
 *
 * Settings may stand in a file `.env` (see .env.example); the environment goes before it.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { build } from './build-steps.mjs'
import { orSayWhy } from './or-say-why.mjs'

await orSayWhy(build)

const settings = new URL('../.env', import.meta.url)
if (existsSync(settings)) process.loadEnvFile(settings)

const main = new URL('../dist/main.js', import.meta.url)
process.argv[1] = fileURLToPath(main)
await import(main.href)
