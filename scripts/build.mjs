/** @file `npm run build`: brings dist/ up to date; with --generate-only, the database client alone. */
import { build, generate } from './build-steps.mjs'
import { orSayWhy } from './or-say-why.mjs'

await orSayWhy(process.argv.includes('--generate-only') ? generate : build)
