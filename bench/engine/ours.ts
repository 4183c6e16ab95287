/**
 * @file Our side as a contender: node --import tsx bench/engine/ours.ts TABLE THREADS
 *
 * A process of its own, as a peer is: what was compiled for another table or workload would slow it.
 */
import { openKernels } from './kernel-tables.ts'
import { serve } from './serve.ts'
import { workloads } from './workloads/index.ts'

const [table, threadsText] = process.argv.slice(2)
const threads = Number(threadsText)
if (threads !== 1) throw new Error('The engine trains a job on one thread.')
const backend = openKernels(table)

await serve(
  { name: 'ours', version: `${table}, Node ${process.version}` },
  Object.fromEntries(
    Object.entries(workloads).map(([letter, { prepare }]) => [
      letter,
      () => prepare(backend, threads),
    ]),
  ),
)
