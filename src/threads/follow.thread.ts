/**
 * @file A following thread: it computes its share of each step of a job that another thread leads, on
 * the same memory, and knows of the job no more than its plan.
 */
import { once } from 'node:events'

import type { FollowStart, FollowTask } from '../contract/tasks.ts'
import { resolveTask } from '../data/resolve.ts'
import { followTrainer, joinTeam, type SharedMemory, type TrainerState } from '../engine/index.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { openControl } from './control.ts'
import { lowerPriority } from './lower-priority.ts'
import { planTask } from './plan.ts'
import { kernelsOfThread, memoryOfThread } from './thread-kernels.ts'

export default async function follow(task: FollowTask): Promise<void> {
  lowerPriority()
  const { spec, profiles, index, count } = task
  const start = await firstMessage(task.leader)
  const { shared } = kernelsOfThread().backend
  if (!start || !shared) return
  const { plan } = planTask(spec, resolveTask(spec, ...profiles))
  const { isBroken } = openControl(task.control)
  const team = joinTeam({ words: start.words, index, count, isBroken })
  memoryOfThread().opened(task.bytes)
  crashPoint('thread.following')
  try {
    followTrainer(plan, shared.join(start.memory, team), start.state)
  } finally {
    memoryOfThread().free()
  }
}

type Start = FollowStart<SharedMemory, TrainerState>

/** null when the other end closes first: the job ended before its first step. */
async function firstMessage(port: FollowTask['leader']): Promise<Start | null> {
  const decided = new AbortController()
  const { signal } = decided
  try {
    return await Promise.race([
      once(port, 'message', { signal }).then(([message]: Start[]) => message),
      once(port, 'close', { signal }).then(() => null),
    ])
  } finally {
    decided.abort()
    port.close()
  }
}
