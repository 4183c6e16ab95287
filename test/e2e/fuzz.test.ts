/**
 * @file Requests made from the OpenAPI document, sound, nearly sound and hostile, against the program
 * as a user starts it. `npm run fuzz` sends more, of a seed of its own.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type CampaignReport, delayLimitMs, runCampaign } from '../fuzz/campaign.ts'
import { describeFiles, type FilesReport, fuzzFiles } from '../fuzz/files.ts'
import { describeReport } from '../fuzz/report.ts'
import { type FuzzedService, startFuzzedService } from '../fuzz/service.ts'
import { endPrograms } from './support/program.ts'

/** Two minutes on two cores; when time is over the rest is left out. */
const requests = 20_000
const withinMs = 150_000
/** Mutated, beside the corpus of some 300. */
const mutatedFiles = 400

let service: FuzzedService
let report: CampaignReport
let files: FilesReport
let exitCode: number | null

beforeAll(async () => {
  service = await startFuzzedService()
  const { url, pid, firstKey } = service.program
  const target = { url, pid, key: firstKey ?? '', seed: 1 }
  report = await runCampaign({ ...target, requests, withinMs })
  files = await fuzzFiles({ ...target, files: mutatedFiles })
  exitCode = await service.stop()
  console.log(`${describeReport(report)}\n\n${describeFiles(files)}`)
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

test('hostile files, and lengths that lie, are refused with their place or stored', () => {
  expect(Object.fromEntries(files.findings)).toEqual({})
  expect(files.sent).toBeGreaterThan(mutatedFiles + 300)
  expect(files.byStatus['422']).toBeGreaterThan(100)
})

test('the event loop was never held for long', () => {
  expect(report.health.longestOwnDelayMs).toBeLessThanOrEqual(delayLimitMs)
})

test('the log has no error, and nothing was thrown that nobody caught', () => {
  expect(service.errors()).toEqual([])
  expect(exitCode).toBe(0)
})
