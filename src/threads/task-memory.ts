/**
 * @file The memory that a training thread computes in: its own small one, used again and again, or a new
 * one for a job that needs more.
 *
 * To make one takes longer than to train many a small network. And V8 does not see how large a shared
 * WebAssembly memory is, so it feels no need to collect one that nobody has any more: sixteen jobs of
 * 270 MB were 3.5 GB. So it is told to.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { KernelBackend, OpenedMemory } from '../engine/index.ts'

export interface TaskMemory {
  /**
   * For a part of a task that begins when the one before has ended: what was opened last may be
   * opened again.
   */
  open(bytes: number): OpenedMemory
  /** To be told of a memory that was opened elsewhere, for several threads. */
  opened(bytes: number): void
  /** To be called when the task has ended. Collects if it has left at least so many bytes. */
  free(fromBytes?: number): void
}

const keptBytes = 4 * 1024 * 1024

/** A collection takes some milliseconds: too long after each job. */
const collectFromBytes = 64 * 1024 * 1024

export function createTaskMemory(backend: Pick<KernelBackend, 'open'>): TaskMemory {
  let kept: OpenedMemory | undefined
  let leftBytes = 0
  let collect: (() => void) | undefined

  return {
    open(bytes) {
      if (bytes > keptBytes) {
        leftBytes += bytes
        return backend.open(bytes)
      }
      kept ??= backend.open(keptBytes)
      const { buffer, offsetBytes } = kept.memory
      new Uint8Array(buffer, offsetBytes, bytes).fill(0)
      return kept
    },
    opened(bytes) {
      leftBytes += bytes
    },
    free(fromBytes = collectFromBytes) {
      if (leftBytes < fromBytes) return
      leftBytes = 0
      collect ??= exposeCollector()
      collect()
    },
  }
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
