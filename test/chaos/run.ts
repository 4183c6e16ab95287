/**
 * @file `npm run chaos`: strikes a running service with every fault, and prints what was lost. Takes
 * `--short`, `--seed 1`, `--fault NAME` (again for more), `--shape redis|postgres`, and `--tries N` for
 * a part of the whole form. The whole form leaves its figures in bench/results/chaos.json.
 */
import { parseArgs } from 'node:util'

import { isRedisAvailable } from '../support/redis.ts'
import { type Row, runCampaign } from './campaign.ts'
import { faults } from './faults/index.ts'
import { keepResult } from './results.ts'
import type { Shape } from './stand/stand.ts'
import { describeRows } from './table.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    fault: { type: 'string', multiple: true, default: [] },
    shape: { type: 'string' },
    tries: { type: 'string' },
  },
})
const unknown = values.fault.filter((name) => !faults.some((fault) => fault.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no fault ${unknown.join(', ')}; there are ${faults.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}
const chosen = faults.filter(({ name }) => values.fault.length === 0 || values.fault.includes(name))
const shapes = (['redis', 'postgres'] as const satisfies Shape[]).filter(
  (shape) => values.shape === undefined || values.shape === shape,
)
if (shapes.length === 0) {
  console.error(`There is no shape ${values.shape}; there are redis and postgres.`)
  process.exit(2)
}
const tries = values.tries === undefined ? undefined : Number(values.tries)
if (tries !== undefined && !(Number.isSafeInteger(tries) && tries > 0)) {
  console.error(`--tries: expected a whole number from 1 on, got ${values.tries}.`)
  process.exit(2)
}
const seed = Number(values.seed)
console.log(`seed ${seed}`)

// What was started is ended when this ends, but not when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const startedAt = new Date()
const isShort = values.short

async function strike(shape: Shape): Promise<Row[]> {
  if (shape === 'redis' && !isRedisAvailable) {
    console.log('NOT RUN: everything on redis; no redis-server or valkey-server on PATH.')
    if (process.env.CI === 'true') process.exit(1)
    return []
  }
  const onRow = (row: Row) => {
    console.log(describeRows([row]).split('\n').slice(1).join('\n'))
    if (!isShort) keepResult(row, seed, { isPart: tries !== undefined })
  }
  return runCampaign({ shape, faults: chosen, seed, isShort, onRow, ...(tries && { tries }) })
}

// Most of the short form is waiting. The times of the whole one are to be those of one service.
const rows: Row[] = []
if (isShort) rows.push(...(await Promise.all(shapes.map(strike))).flat())
else for (const shape of shapes) rows.push(...(await strike(shape)))
console.log(`\n${describeRows(rows)}`)
const minutes = (Date.now() - startedAt.getTime()) / 60_000
console.log(`\nseed ${seed}, ${minutes.toFixed(1)} minutes`)

process.exit(rows.some(({ problems }) => problems.length > 0) ? 1 : 0)
