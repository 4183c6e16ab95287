/** @file The kernels of one thread of a team, on the memory of all. */
import { readFileSync } from 'node:fs'

import {
  createWasmBackend,
  joinTeam,
  type OpenedMemory,
  type SharedMemory,
} from '../../../src/engine/index.ts'
import { generatedKernel, loadNativeKernels } from '../../../src/threads/native-kernels.ts'
import type { MemberData } from './run-in-team.ts'
import { stumbling } from './stumbling.ts'

const module = new WebAssembly.Module(readFileSync(generatedKernel('kernels.wasm')))

type Member = Pick<MemberData, 'table' | 'index' | 'count' | 'words'>

export function openMember(
  { table, index, count, words }: Member,
  memory: SharedMemory,
  stumbles: boolean,
): OpenedMemory {
  const native = table === 'native' ? loadNativeKernels() : null
  if (typeof native === 'string') throw new Error(native)
  const team = joinTeam({ words, index, count, isBroken: () => false })
  if (!stumbles) return createWasmBackend(module, native).shared.join(memory, team)
  const late = native && { bind: (bytes: Uint8Array) => stumbling(native.bind(bytes), 1) }
  return instancesStumble(() => createWasmBackend(module, late).shared.join(memory, team))
}

/** Instances of WebAssembly that are made meanwhile. */
function instancesStumble<Result>(make: () => Result): Result {
  const { Instance } = WebAssembly
  WebAssembly.Instance = class {
    readonly exports: object
    constructor(...args: ConstructorParameters<typeof Instance>) {
      this.exports = stumbling(new Instance(...args).exports, 0)
    }
  }
  try {
    return make()
  } finally {
    WebAssembly.Instance = Instance
  }
}
