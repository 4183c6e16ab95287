/** @file Faults one after the other on one stand; after each the judge, and a row for the table. */
import { loadavg } from 'node:os'

import type { Fault, FaultReport } from './faults/fault.ts'
import { countDamage } from './invariants.ts'
import { createRandom } from './random.ts'
import { type Shape, type Stand, startStand } from './stand/stand.ts'

export interface CampaignOptions {
  readonly shape: Shape
  readonly faults: readonly Fault[]
  readonly seed: number
  readonly isShort: boolean
  /** At most so many tries of each fault: a part of the form, to be added to others. */
  readonly tries?: number
  readonly onRow?: (row: Row) => void
}

export interface Row {
  readonly fault: string
  readonly shape: Shape
  readonly asked: string
  readonly tries: number
  /** Jobs that clients were promised. */
  readonly jobs: number
  readonly lost: number
  readonly diverged: number
  readonly recoveriesMs: readonly number[]
  readonly seconds: number
  /** Of the machine, over the last minute of the fault: how many wanted to run at once. */
  readonly load: number
  readonly notes: readonly string[]
  /** Empty when all holds. */
  readonly problems: readonly string[]
  readonly notRun: string | null
}

const shortSpecs = 4

/** There a fault that cannot be tried is a failure, as a test that is skipped is. */
const isStrict = process.env.CI === 'true'

export async function runCampaign(options: CampaignOptions): Promise<Row[]> {
  const { shape, isShort, onRow } = options
  const stand = await startStand({ shape, specs: isShort ? shortSpecs : Number.POSITIVE_INFINITY })
  const rows: Row[] = []
  try {
    for (const fault of options.faults) {
      if (triesOf(fault, options) === 0) continue
      const row = await runFault(stand, fault, options)
      rows.push(row)
      onRow?.(row)
    }
  } finally {
    await stand.dispose()
  }
  return rows
}

/** 0: it is not part of this form. */
export function triesOf(
  { tries }: Fault,
  { shape, isShort, tries: limit = Infinity }: Pick<CampaignOptions, 'shape' | 'isShort' | 'tries'>,
): number {
  return Math.min(limit, tries[isShort ? 'short' : 'full'][shape])
}

async function runFault(stand: Stand, fault: Fault, options: CampaignOptions): Promise<Row> {
  const { shape, seed, isShort } = options
  const startedAtMs = performance.now()
  stand.clients.reset()
  await stand.trim()
  const answering = namesOf(stand)
  const report = await fault
    .run({
      stand,
      isShort,
      random: createRandom(seed, `${fault.name} ${shape}`),
      tries: triesOf(fault, options),
    })
    .catch(brokenOff)
  const isSettled = await stand.settle()
  const violations = await stand.judge.judge()
  const { lost, diverged } = countDamage(violations)
  const problems = [
    ...report.problems,
    ...(report.notRun && isStrict ? [`could not run: ${report.notRun}`] : []),
    ...stand.clients.tally.complaints(fault.allowed, {
      areCutsAllowed: namesOf(stand) !== answering,
    }),
    ...violations.map(({ invariant, jobId, what }) => `${invariant} ${jobId ?? ''} ${what}`),
    ...(isSettled ? [] : ['not all jobs ended in time']),
  ]
  return {
    fault: fault.name,
    shape,
    asked: fault.asked,
    tries: report.tries,
    jobs: report.jobs ?? stand.clients.accepted.length,
    lost: lost + (report.damage?.lost ?? 0),
    diverged: diverged + (report.damage?.diverged ?? 0),
    recoveriesMs: report.recoveriesMs,
    seconds: (performance.now() - startedAtMs) / 1000,
    load: loadavg()[0],
    notes: report.notes ?? [],
    problems,
    notRun: report.notRun ?? null,
  }
}

/** Of the processes that answer: another one has another name. */
function namesOf({ apis }: Stand): string {
  return apis.map(({ process }) => process.name).join()
}

/** The judge still looks at what it left. */
function brokenOff(error: unknown): FaultReport {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { tries: 0, recoveriesMs: [], problems: [`broke off: ${what}`] }
}
