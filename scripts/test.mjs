/**
 * @file `npm test`: builds, then runs all tests that this machine can run. What it cannot run is named
 * at the end; with --strict, or CI=true, it is a failure.
 *
 * Other arguments go to Vitest: `npm test -- test/store/migrate.integration.test.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { build, generate } from './build-steps.mjs'
import { orSayWhy } from './or-say-why.mjs'

/** The programs of the last pass want the machine for themselves. */
const passes = [['unit', 'integration'], ['e2e']]

const isStrict = process.argv.includes('--strict') || process.env.CI === 'true'
const vitestArgs = process.argv.slice(2).filter((arg) => arg !== '--strict')

await orSayWhy(generate) // Vitest reads src, and dist may be up to date without it
await orSayWhy(build)
const results = passes.map(runPass)

const sum = (count) => results.map(count).reduce((a, b) => a + b, 0)
const passed = sum(({ report }) => report.numPassedTests)
const failed = sum(({ report }) => report.numFailedTests + brokenFilesOf(report).length)
const skipped = results.flatMap(({ report }) => skippedTestsOf(report))
const hasFailed = results.some(({ status }) => status !== 0) || failed > 0

nameWhatDidNotRun()
if (passed + failed === 0) console.error('No test ran: does a file have this name?')
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(hasFailed || passed === 0 || (isStrict && skipped.length > 0) ? 1 : 0)

function runPass(projects) {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-report-'))
  const output = join(folder, 'report.json')
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')))
  const args = [join(vitest, 'vitest.mjs'), 'run', '--passWithNoTests']
  args.push(...projects.flatMap((name) => ['--project', name]))
  args.push('--reporter=default', '--reporter=json', `--outputFile.json=${output}`, ...vitestArgs)

  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  try {
    return { status, report: JSON.parse(readFileSync(output, 'utf8')) }
  } catch {
    // Vitest ended before it could write: its own words are above.
    return {
      status: status || 1,
      report: { numPassedTests: 0, numFailedTests: 0, testResults: [] },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Files that failed outside of any test, such as one that cannot be imported. */
function brokenFilesOf({ testResults }) {
  return testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
}

function skippedTestsOf({ testResults }) {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => ['skipped', 'pending', 'todo', 'disabled'].includes(status))
    .map(({ fullName }) => fullName)
}

/** A name filter (-t) skips on purpose, and needs no list. */
function nameWhatDidNotRun() {
  if (vitestArgs.includes('-t') || skipped.length === 0) return
  console.log(`\nNOT RUN, ${skipped.length} of ${passed + failed + skipped.length} tests:`)
  for (const name of skipped) console.log(`  ${name}`)
  if (!has('redis-server') && !has('valkey-server')) {
    console.log('  Those on Redis need it: install redis-server (apt-get install redis-server).')
  }
  if (!has('curl')) console.log('  The one that pastes a curl line needs curl.')
  if (isStrict) console.log('In CI, and with --strict, that is a failure.')
}

function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}
