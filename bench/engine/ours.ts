/**
 * @file Our side as a contender: node --import tsx bench/engine/ours.ts TABLE THREADS
 *
 * A process of its own, as a peer is: what was compiled for another table or workload would slow it.
 */
import { openKernels } from './kernel-tables.ts'
import { type StepRunner, serve } from './serve.ts'
import { startTrainer } from './start-trainer.ts'
import { workloads } from './workloads/index.ts'
import { trainInSlices } from './workloads/train-in-slices.ts'
import type { Workload } from './workloads/workload.ts'

const [table, threadsText] = process.argv.slice(2)
const threads = Number(threadsText)
const backend = openKernels(table)

await serve(
  { name: 'ours', version: `${table}, Node ${process.version}` },
  Object.fromEntries(
    Object.entries(workloads).map(([letter, workload]) => [letter, () => prepare(workload)]),
  ),
)

async function prepare(workload: Workload): Promise<StepRunner> {
  if ('prepare' in workload) return workload.prepare(backend)
  const trainer = await startTrainer(workload, backend, threads)
  return (steps) => trainInSlices(trainer, steps)
}
