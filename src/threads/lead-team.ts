/**
 * @file The leading thread's side of a team: it opens the memory that all will work on, and lets the
 * others begin once the first values are there.
 */
import type { FollowStart, TrainTask } from '../contract/tasks.ts'
import {
  joinTeam,
  type OpenedMemory,
  type SharedMemory,
  type Trainer,
  type TrainerState,
  teamBytes,
} from '../engine/index.ts'
import { openControl } from './control.ts'
import { kernelsOfThread, memoryOfThread } from './thread-kernels.ts'

export interface LeadingThread {
  readonly opened: OpenedMemory
  /** To be called before the first step. */
  begin(trainer: Pick<Trainer, 'state'>): void
}

/** Alone where the task has no followers, or the kernels cannot share a memory. */
export function openTeam(task: TrainTask, memoryBytes: number): LeadingThread {
  const { backend } = kernelsOfThread()
  const { followers = [] } = task
  if (followers.length === 0 || !backend.shared) {
    return { opened: memoryOfThread().open(memoryBytes), begin() {} }
  }
  const count = followers.length + 1
  const memory = backend.shared.create(memoryBytes, count)
  memoryOfThread().opened(memoryBytes)
  const words = new SharedArrayBuffer(teamBytes)
  const { isBroken } = openControl(task.control)
  const opened = backend.shared.join(memory, joinTeam({ words, index: 0, count, isBroken }))
  return {
    opened,
    begin({ state }) {
      const start: FollowStart<SharedMemory, TrainerState> = { memory, words, state }
      for (const port of followers) port.postMessage(start)
    },
  }
}
