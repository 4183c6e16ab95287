/**
 * @file A recorder: exports that write down their calls instead of computing, under the same kernels as
 * always, which so choose as always between WebAssembly and machine code.
 */
import type { RecordedCall, Recorder } from '../backend.ts'
import { solo } from '../team.ts'
import { chooseKernels } from './native-kernels.ts'
import { linkReplay, type RecordedTables } from './replay.ts'
import { signaturesOf } from './signatures.ts'
import type { WasmExports } from './wasm-exports.ts'
import { createWasmKernels } from './wasm-kernels.ts'
import type { WasmModule } from './web-assembly.ts'

/** Of larger steps the time between kernels is no great part, and many calls take long to compile. */
const maxCalls = 512

export function createRecorder(module: WasmModule, tables: RecordedTables): Recorder {
  const signatures = signaturesOf(module)
  let calls: RecordedCall[] | null = []
  const writing = (table: RecordedCall['table']): WasmExports => {
    const write = (name: string) => [
      name,
      (...args: (number | boolean)[]) => {
        if (calls?.length === maxCalls) calls = null
        calls?.push({ table, name, args: args.map(Number) })
        return 0
      },
    ]
    // The module has a signature of every export (scripts/add-signatures.mjs).
    return Object.fromEntries([...signatures.keys()].map(write)) as unknown as WasmExports
  }
  const wasm = writing('wasm')
  const exports = tables.native ? chooseKernels(wasm, writing('native')) : wasm
  const name = tables.native ? 'native' : 'wasm'

  const giveUp = () => {
    calls = null
  }

  return {
    kernels: {
      ...createWasmKernels(name, exports, exports.gemm, solo, exports.gemm),
      // These compute in TypeScript.
      gatherRows: giveUp,
      fillSinusoids: giveUp,
      fillRotaryAngles: giveUp,
    },
    take() {
      const taken = calls
      calls = []
      return taken
    },
    replay: (first, then, times) => linkReplay({ first, then, times, signatures, tables }),
  }
}
