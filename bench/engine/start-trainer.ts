/**
 * @file A trainer for a workload, on one thread or on several: the others are worker threads that
 * follow it, as in the service.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import {
  createTrainer,
  joinTeam,
  type KernelBackend,
  type SharedMemory,
  type Trainer,
  type TrainerState,
  teamBytes,
} from '../../src/engine/index.ts'
import type { TrainingWorkload } from './workloads/workload.ts'

export interface FollowerData {
  readonly table: string
  readonly letter: string
  readonly memory: SharedMemory
  readonly words: SharedArrayBuffer
  readonly index: number
  readonly count: number
  readonly state: TrainerState
}

/** A thread does not inherit the loader that this process was started with. */
const followTypeScript = `import('tsx/esm/api').then(({ register }) => {
  register()
  return import(${JSON.stringify(new URL('./follow.ts', import.meta.url).href)})
})`

export async function startTrainer(
  workload: TrainingWorkload,
  backend: KernelBackend,
  count: number,
): Promise<Trainer> {
  const plan = workload.plan()
  const training = workload.training()
  if (count === 1) {
    return createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) })
  }
  if (!backend.shared) throw new Error(`The ${backend.name} table works on one thread alone.`)
  const memory = backend.shared.create(plan.memoryBytes, count)
  const words = new SharedArrayBuffer(teamBytes)
  const team = joinTeam({ words, index: 0, count, isBroken: () => false })
  const trainer = createTrainer(plan, { training, opened: backend.shared.join(memory, team) })
  const shared = { table: backend.name, letter: workload.name[0], memory, words, count }
  for (let index = 1; index < count; index++) {
    const workerData: FollowerData = { ...shared, index, state: trainer.state }
    const worker = new Worker(followTypeScript, { eval: true, workerData })
    // A thread cannot start while this one waits for it: it is waited for before that.
    await once(worker, 'message')
    worker.unref()
  }
  return trainer
}
