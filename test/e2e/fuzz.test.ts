/**
 * @file Requests made from the OpenAPI document, sound, nearly sound and hostile, against the program
 * as a user starts it. `npm run fuzz` sends more, of a seed of its own.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type CampaignReport, delayLimitMs, runCampaign } from '../fuzz/campaign.ts'
import { describeReport } from '../fuzz/report.ts'
import { type FuzzedService, startFuzzedService } from '../fuzz/service.ts'
import { endPrograms } from './support/program.ts'

/** Two minutes on two cores; when time is over the rest is left out. */
const requests = 20_000
const withinMs = 150_000

let service: FuzzedService
let report: CampaignReport
let exitCode: number | null

beforeAll(async () => {
  service = await startFuzzedService()
  const { url, pid, firstKey } = service.program
  report = await runCampaign({ url, pid, key: firstKey ?? '', requests, seed: 1, withinMs })
  exitCode = await service.stop()
  console.log(describeReport(report))
})
afterAll(endPrograms)

test('every operation of the document was asked for, and served at least once', () => {
  expect(report.sent).toBeGreaterThan(requests / 4)
  expect(report.neverServed).toEqual([])
})

test('no answer is a 5xx, undeclared, or not as the document says', () => {
  expect(report.findings).toEqual([])
})

test('no more was unavailable than uploads that waited for each other', () => {
  for (const detail of Object.keys(report.unavailable)) expect(detail).toContain('uploads')
})

test('the event loop was never held for long', () => {
  expect(report.health.longestOwnDelayMs).toBeLessThanOrEqual(delayLimitMs)
})

test('the log has no error, and nothing was thrown that nobody caught', () => {
  expect(service.errors()).toEqual([])
  expect(exitCode).toBe(0)
})
