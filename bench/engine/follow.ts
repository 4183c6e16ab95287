/** @file A thread that follows the trainer of a workload, for as long as its process lives. */
import { parentPort, workerData } from 'node:worker_threads'

import { followTrainer, joinTeam } from '../../src/engine/index.ts'
import { openKernels } from './kernel-tables.ts'
import type { FollowerData } from './start-trainer.ts'
import { workloads } from './workloads/index.ts'

const { table, letter, memory, words, index, count, state }: FollowerData = workerData
const workload = workloads[letter]
const { shared } = openKernels(table)
if (!('plan' in workload) || !shared) throw new Error(`Workload ${letter} has one thread.`)
const team = joinTeam({ words, index, count, isBroken: () => false })
parentPort?.postMessage('ready')
followTrainer(workload.plan(), shared.join(memory, team), state)
