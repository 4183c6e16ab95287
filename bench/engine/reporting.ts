/**
 * @file `npm run bench:reporting`: what it costs to report losses, on the smallest of networks, where it
 * costs most. The same run reports its last loss alone, as often as the service would, and after every
 * step; in turn, so that a slow phase of the machine meets all three.
 */
import { parseArgs } from 'node:util'

import { percentile } from '../support/statistics.ts'
import { openKernels } from './kernel-tables.ts'
import { trainXor } from './workloads/xor.ts'

const { values: options } = parseArgs({
  options: {
    table: { type: 'string', default: 'wasm' },
    steps: { type: 'string', default: '10000,100000' },
    rounds: { type: 'string', default: '41' },
  },
})
const backend = openKernels(options.table)
const roundsCount = Number(options.rounds)

/** Of one whole run, by how often it reports. */
function measureOnce(steps: number): number[] {
  return [steps, undefined, 1].map((reportEvery) => {
    const startedAtMs = performance.now()
    trainXor(backend, steps, reportEvery)
    return performance.now() - startedAtMs
  })
}

function compare(steps: number): void {
  measureOnce(steps) // compiles
  const rounds = Array.from({ length: roundsCount }, () => measureOnce(steps))
  for (const [i, name] of ['once', 'as by default', 'after every step'].entries()) {
    const usPerStep = (1000 * percentile(column(rounds, i), 0.5)) / steps
    const ratios = rounds.map((ms) => ms[i] / ms[0])
    const percent = 100 * (percentile(ratios, 0.5) - 1)
    console.log(
      `  ${String(steps).padEnd(9)}${name.padEnd(19)}${usPerStep.toFixed(3)} µs a step  ${percent.toFixed(1).padStart(6)} %`,
    )
  }
}

function column(rounds: readonly number[][], i: number): number[] {
  return rounds.map((ms) => ms[i])
}

console.log(`XOR 2-2-1, ${options.table} kernels, medians of ${roundsCount} rounds`)
console.log('  steps    losses reported')
options.steps.split(',').map(Number).forEach(compare)
