/**
 * @file The fast backend: one WebAssembly memory a job, reserved in full when it is opened, since a
 * memory that grows while threads run leaves them with stale views.
 */
import { EngineError } from '../../errors.ts'
import type { KernelBackend, OpenedMemory, SharedMemories } from '../backend.ts'
import { solo, type Team } from '../team.ts'
import { createRecorder } from './call-recorder.ts'
import { divideProduct } from './matrix-product.ts'
import {
  maxPages,
  memoryBytesOf,
  pagesOf,
  planBytesStart,
  reservedBytes,
  workspaceBytes,
} from './memory-size.ts'
import { chooseKernels, type NativeKernels } from './native-kernels.ts'
import type { WasmExports } from './wasm-exports.ts'
import { createWasmKernels } from './wasm-kernels.ts'
import type { WasmMemory, WasmModule } from './web-assembly.ts'

export function createWasmBackend(
  module: WasmModule,
  native: NativeKernels | null = null,
): KernelBackend & { readonly shared: SharedMemories } {
  const name = native ? 'native' : 'wasm'

  function create(bytes: number, threads: number): WasmMemory {
    const pages = pagesOf(bytes, threads)
    if (pages > maxPages) {
      throw new EngineError(
        'memory_too_small',
        `memory: a job can use at most 4 GiB, this one needs ${memoryBytesOf(bytes, threads)} bytes. Make the model or the batch smaller.`,
      )
    }
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  }

  function join(memory: WasmMemory, team: Team): OpenedMemory {
    const wasm = instantiate(module, memory)
    const workspace = reservedBytes + team.index * workspaceBytes
    wasm.useWorkspace(workspace)
    const machineCode = native?.bind(new Uint8Array(memory.buffer)) ?? null
    const fastest = machineCode ? chooseKernels(wasm, machineCode) : wasm
    const product = divideProduct(fastest.gemm, team)
    return {
      kernels: createWasmKernels(name, fastest, product, team, fastest.gemm),
      memory: {
        buffer: memory.buffer,
        offsetBytes: planBytesStart(team.count),
      },
      team,
      ...(team.count === 1 && {
        createRecorder: () =>
          createRecorder(module, { wasm, native: machineCode, memory, workspace }),
      }),
    }
  }

  return {
    name,
    open: (bytes) => join(create(bytes, 1), solo),
    shared: { create, join },
  }
}

function instantiate(module: WasmModule, memory: WasmMemory): WasmExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  // The build makes the module from assembly/index.ts; a test compares the names.
  return exports as unknown as WasmExports
}
