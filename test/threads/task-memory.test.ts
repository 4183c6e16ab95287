import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { loadKernels } from '../../src/threads/kernel-backend.ts'
import { createTaskMemory } from '../../src/threads/task-memory.ts'

const MiB = 1024 * 1024

function bytesOf(
  { memory }: ReturnType<ReturnType<typeof createTaskMemory>['open']>,
  bytes: number,
) {
  return new Uint8Array(memory.buffer, memory.offsetBytes, bytes)
}

test.each(['wasm', 'reference'] as const)(
  'a small memory of %s is used again, and is all zero again',
  (choice) => {
    const memory = createTaskMemory(loadKernels(choice).backend)
    const first = memory.open(1_000)
    bytesOf(first, 1_000).fill(7)
    memory.free()

    const second = memory.open(1_000)

    expect(second).toBe(first)
    expect(bytesOf(second, 1_000).every((byte) => byte === 0)).toBe(true)
  },
)

test.each([
  { bytes: 64 * MiB, fromBytes: undefined },
  { bytes: 20 * MiB, fromBytes: 0 },
])(
  'a memory of $bytes bytes is made for its task, and collected when that has ended',
  async ({ bytes, fromBytes }) => {
    const memory = createTaskMemory(loadKernels('wasm').backend)
    const opened = new WeakRef(memory.open(bytes).memory.buffer)
    // A WeakRef holds what it refers to until this turn has ended.
    await setTimeout(0)

    memory.free(fromBytes)

    expect(opened.deref()).toBeUndefined()
  },
)
