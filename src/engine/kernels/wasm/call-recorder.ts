/**
 * @file A recorder: exports that write down their calls instead of computing, under the same kernels as
 * always. Products are WebAssembly's own, which small ones are anyway.
 */
import type { RecordedCall, Recorder } from '../backend.ts'
import { solo } from '../team.ts'
import { linkReplay } from './replay.ts'
import { signaturesOf } from './signatures.ts'
import type { WasmExports } from './wasm-exports.ts'
import { createWasmKernels } from './wasm-kernels.ts'
import type { WasmModule } from './web-assembly.ts'

export function createRecorder(
  name: 'wasm' | 'native',
  module: WasmModule,
  wasm: WasmExports,
): Recorder {
  const signatures = signaturesOf(module)
  let calls: RecordedCall[] = []
  const writing = Object.fromEntries(
    [...signatures.keys()].map((name) => [
      name,
      (...args: (number | boolean)[]) => {
        calls.push({ name, args: args.map(Number) })
        return 0
      },
    ]),
  ) as unknown as WasmExports

  return {
    kernels: createWasmKernels(name, writing, writing.gemm, solo, writing.gemm),
    take() {
      const taken = calls
      calls = []
      return taken
    },
    replay: (first, then) => linkReplay({ first, then, signatures, wasm }),
  }
}
