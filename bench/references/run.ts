/**
 * @file `npm run references`: figures that others published, ours, and whether ours are good enough.
 *
 *   npm run references -- --long              also those that take minutes
 *   npm run references -- --only mnist        those with this in their name
 *   npm run references -- --data FOLDER       where names/, shakespeare/ and mnist/ are; examples/data
 *                                             unless given, whose README says where they come from
 *   npm run references -- --kernels wasm      with another kernel table than the fastest
 *
 * Ends with 1 where a figure falls short. What cannot run for want of data is named, and no failure.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { KernelChoice } from '../../src/contract/kernels.ts'
import { loadKernels } from '../../src/threads/kernel-backend.ts'
import { references } from './index.ts'
import { describeBar, isWithin, type Reference } from './reference.ts'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    data: { type: 'string', default: 'examples/data' },
    kernels: { type: 'string', default: 'auto' },
  },
})

const { backend, nativeMissing } = loadKernels(KernelChoice.parse(options.kernels))
console.log(
  `Kernels: ${backend.name}${nativeMissing ? ` (native not used: ${nativeMissing})` : ''}`,
)
const given = { backend, dataFolder: options.data }

const widths = [35, 54, 32, 22, 14, 18]
const print = (...cells: string[]) =>
  console.log(
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('')
      .trimEnd(),
  )

let shortfalls = 0
let measured = 0

function measure(reference: Reference): void {
  const startedAtMs = performance.now()
  const ours = reference.measure(given)
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  for (const [i, { name, published, bar }] of reference.figures.entries()) {
    const isFirst = i === 0
    const isReached = isWithin(ours[i], bar)
    if (!isReached) shortfalls += 1
    measured += 1
    print(
      isFirst ? reference.check : '',
      isFirst ? reference.configuration : '',
      name,
      published,
      formatFigure(ours[i]),
      describeBar(bar),
      `${isReached ? 'yes' : 'NO '}${isFirst ? `  ${seconds} s` : ''}`,
    )
  }
}

/** Counts are whole; the rest is known to six digits. */
function formatFigure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}

function missingFiles({ files = [] }: Reference): string[] {
  return files.map((file) => join(options.data, file)).filter((path) => !existsSync(path))
}

const wanted = references.filter(({ check }) =>
  check.toLowerCase().includes(options.only.toLowerCase()),
)
print('check', 'configuration', 'figure', 'published', 'ours', 'bar', 'reached')
const notRun: string[] = []
for (const reference of wanted) {
  const missing = missingFiles(reference)
  if (reference.isLong && !options.long) notRun.push(`${reference.check}: takes minutes; --long`)
  else if (missing.length > 0) notRun.push(`${reference.check}: MISSING ${missing.join(', ')}`)
  else measure(reference)
}

if (notRun.length > 0) console.log(`\nNOT RUN:\n  ${notRun.join('\n  ')}`)
console.log(`\n${measured} figures, ${shortfalls} fall short.`)
if (shortfalls > 0 || measured === 0) process.exitCode = 1
