/** @file A thread that follows the training of the small GPT. */
import { parentPort, workerData } from 'node:worker_threads'

import { followTrainer, joinTeam } from '../../../../src/engine/index.ts'
import { loadKernels } from '../../../../src/threads/kernel-backend.ts'
import { planSmallGpt } from '../small-gpt.ts'

const { memory, words, index, count, state } = workerData
parentPort!.postMessage('ready')
const team = joinTeam({ words, index, count, isBroken: () => false })
followTrainer(planSmallGpt(), loadKernels('wasm').backend.shared!.join(memory, team), state)
