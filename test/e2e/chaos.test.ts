/**
 * @file The short form of `npm run chaos`: real processes are struck with every fault, some tries each,
 * and the one judge looks at what is left. The whole of it takes the better part of an hour.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Row, runCampaign, triesOf } from '../chaos/campaign.ts'
import { faults } from '../chaos/faults/index.ts'
import { describeRows } from '../chaos/table.ts'
import { describeOnEachQueue, queueBackends } from '../support/services.ts'

const isShort = true
const withinMs = 900_000
const rows: Row[] = []

// Both at once: most of it is waiting.
beforeAll(async () => {
  const shapes = queueBackends.filter(({ isAvailable }) => isAvailable).map(({ name }) => name)
  // Told as they come: whoever breaks it off knows how far it was.
  const onRow = (row: Row) => console.log(describeRows([row]).split('\n').slice(1).join('\n'))
  const campaigns = shapes.map((shape) => runCampaign({ shape, faults, seed: 1, isShort, onRow }))
  rows.push(...(await Promise.all(campaigns)).flat())
}, withinMs)
afterAll(() => console.log(describeRows(rows)))

describeOnEachQueue('after a fault nothing is lost', ({ name: shape }) => {
  const here = faults.filter((fault) => triesOf(fault, { shape, isShort }) > 0)

  test.each(here.map(({ name }) => name))('%s', (name) => {
    const row = rows.find(({ fault, shape: where }) => fault === name && where === shape)
    if (row?.notRun) console.log(`NOT RUN: ${name} on ${shape}: ${row.notRun}`)
    expect(row).toMatchObject({ problems: [], lost: 0, diverged: 0 })
    if (!row?.notRun) expect(row?.jobs).toBeGreaterThan(0)
  })
})
