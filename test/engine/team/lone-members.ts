/**
 * @file The members of a team, one after the other in one thread: each can be asked what it does between
 * two meetings, when the memory was so and so at each of them.
 */
import type { createWasmBackend, Kernels, OpenedMemory } from '../../../src/engine/index.ts'

/** What a member did from one meeting to the next. */
export interface Stretch {
  /** It came to the end of the kernel, not to another meeting. */
  readonly ended: boolean
  readonly value: unknown
  /** As it left it. */
  readonly memory: Uint32Array
}

export interface KernelCall {
  readonly name: keyof Kernels
  readonly args: readonly unknown[]
}

export interface LoneMembers {
  readonly memory: OpenedMemory['memory']
  readonly kernels: Kernels
  /** All of the memory. */
  readonly words: Uint32Array
  /** From the `place`th meeting on, 0 being the call; `before` has the memory at each up to there. */
  stretch(member: number, call: KernelCall, place: number, before: readonly Uint32Array[]): Stretch
}

/** Thrown where the stretch ends: the rest of the kernel is for another. */
const met = Symbol('met')

export function openMembers(
  { shared }: ReturnType<typeof createWasmBackend>,
  bytes: number,
  count: number,
): LoneMembers {
  const buffers = shared.create(bytes, count)
  let onMeet = () => {}
  const meet = () => onMeet()
  const agree = () => {
    throw new Error('Members of a kernel agree on nothing.')
  }
  const members = Array.from({ length: count }, (_, index) =>
    shared.join(buffers, { index, count, meet, agree }),
  )
  const [{ kernels, memory }] = members
  const words = new Uint32Array(memory.buffer, memory.offsetBytes, Math.ceil(bytes / 4))

  return {
    memory,
    kernels,
    words,
    stretch(member, { name, args }, place, before) {
      let meetings = 0
      onMeet = () => {
        if (meetings === place) throw met
        meetings += 1
        words.set(before[meetings])
      }
      words.set(before[0])
      const kernel = members[member].kernels[name] as (...args: readonly unknown[]) => unknown
      try {
        const value = kernel(...args)
        return { ended: true, value, memory: words.slice() }
      } catch (error) {
        if (error !== met) throw error
        return { ended: false, value: undefined, memory: words.slice() }
      }
    },
  }
}
