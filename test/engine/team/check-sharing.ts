/**
 * @file Whether members of a team can get into each other's way: found in what each does between two
 * meetings, whether or not it would have happened this time.
 *
 * Between two meetings no member may write where another writes, nor read it; a kernel ends with one, and
 * after it nobody writes. What a member reads shows by giving it garbage wherever another writes: nothing
 * may change.
 */
import {
  createRandomStream,
  type createWasmBackend,
  type Kernels,
  type OpenedMemory,
  solo,
} from '../../../src/engine/index.ts'
import { type KernelCall, type LoneMembers, openMembers, type Stretch } from './lone-members.ts'

export interface CheckedMemory {
  /** To whoever uses it, that of one thread. */
  readonly opened: OpenedMemory
  /** In words, each once. */
  readonly faults: ReadonlySet<string>
  /** The kernels that were called. */
  readonly called: ReadonlySet<string>
}

const nobody = -1

export function openChecked(
  backend: ReturnType<typeof createWasmBackend>,
  bytes: number,
  count: number,
): CheckedMemory {
  const members = openMembers(backend, bytes, count)
  const garbage = garbageOf(members.words.length)
  const faults = new Set<string>()
  const called = new Set<string>()
  const checked = (name: keyof Kernels) => [
    name,
    (...args: readonly unknown[]) => {
      called.add(name)
      const onFault = (what: string) => faults.add(`${name}: ${what}`)
      return checkCall({ name, args }, members, count, garbage, onFault)
    },
  ]
  const { kernels, memory } = members
  const { name, numericsVersion, ...functions } = kernels
  const names = Object.keys(functions) as (keyof Kernels)[]
  const all = { ...Object.fromEntries(names.map(checked)), name, numericsVersion }
  return { opened: { kernels: all, memory, team: solo }, faults, called }
}

/** Computes as the team would, and returns what the first member returns. */
function checkCall(
  call: KernelCall,
  { words, stretch }: LoneMembers,
  count: number,
  garbage: Uint32Array,
  onFault: (what: string) => void,
): unknown {
  const before = [words.slice()]
  for (let place = 0; ; place++) {
    const start = before[place]
    const parts = Array.from({ length: count }, (_, member) => stretch(member, call, place, before))
    const { memory, writers } = merge(parts, start, onFault)
    const ended = parts.filter((part) => part.ended).length
    if (ended > 0 && ended < count) throw new Error(`${call.name}: not all members meet.`)
    if (ended === count) {
      if (place === 0) onFault('never meets')
      if (writers.some((writer) => writer !== nobody)) onFault('writes after the last meeting')
      if (new Set(parts.map(({ value }) => value)).size > 1) onFault('returns different numbers')
      words.set(start)
      return parts[0].value
    }
    for (const [member, part] of parts.entries()) {
      const spoiled = start.slice()
      const expected = part.memory.slice()
      for (let i = 0; i < spoiled.length; i++) {
        if (writers[i] === nobody || writers[i] === member) continue
        spoiled[i] = garbage[i]
        expected[i] = garbage[i]
      }
      const again = stretch(member, call, place, [...before.slice(0, place), spoiled])
      if (!isEqual(again.memory, expected)) onFault('reads what another writes')
    }
    before.push(memory)
  }
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  return Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0
}

/** What all have written, and who wrote it. */
function merge(parts: readonly Stretch[], start: Uint32Array, onFault: (what: string) => void) {
  const memory = start.slice()
  const writers = new Int8Array(start.length).fill(nobody)
  for (const [member, part] of parts.entries()) {
    for (let i = 0; i < start.length; i++) {
      if (part.memory[i] === start[i]) continue
      if (writers[i] !== nobody) onFault('two members write to one place')
      writers[i] = member
      memory[i] = part.memory[i]
    }
  }
  return { memory, writers }
}

/** Numbers that change whatever is computed from them. */
function garbageOf(length: number): Uint32Array {
  const { normal } = createRandomStream(1, 'split')
  return new Uint32Array(Float32Array.from({ length }, (_, i) => 17 * normal(i)).buffer)
}
