/**
 * @file The fast backend: one WebAssembly memory a job, reserved in full when it is opened, since a
 * memory that grows while threads run leaves them with stale views.
 *
 *   0            64 KiB                    64 KiB + threads * workspace
 *   | the module's constants | one workspace a thread | what the plan has laid out ... |
 */
import { EngineError } from '../../errors.ts'
import { alignmentBytes } from '../../memory/layout.ts'
import type { KernelBackend, OpenedMemory } from '../backend.ts'
import { solo, type Team } from '../team.ts'
import { chooseProduct, divideProduct, type NativeKernels } from './matrix-product.ts'
import type { WasmExports } from './wasm-exports.ts'
import { createWasmKernels } from './wasm-kernels.ts'
import type { WasmMemory, WasmModule } from './web-assembly.ts'

export interface WasmBackend extends KernelBackend {
  /** The memory of a job that `threads` threads share. */
  createMemory(bytes: number, threads: number): WasmMemory
  /** One thread's kernels on such a memory. */
  join(memory: WasmMemory, team: Team): OpenedMemory
}

const pageBytes = 65_536
/** What a module of 32-bit pointers can reach. */
const maxPages = 65_536
/** AssemblyScript's constants lie below it. */
const reservedBytes = 65_536

export function createWasmBackend(
  module: WasmModule,
  native: NativeKernels | null = null,
): WasmBackend {
  const name = native ? 'native' : 'wasm'
  const workspaceBytes = roundUp(workspaceOf(module), alignmentBytes)

  function createMemory(bytes: number, threads: number): WasmMemory {
    const total = reservedBytes + threads * workspaceBytes + bytes
    const pages = Math.ceil(total / pageBytes)
    if (pages > maxPages) {
      throw new EngineError(
        'memory_too_small',
        `memory: a job can use at most ${maxPages * pageBytes} bytes, this one needs ${total}. Make the model or the batch smaller.`,
      )
    }
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  }

  function join(memory: WasmMemory, team: Team): OpenedMemory {
    const wasm = instantiate(module, memory)
    wasm.useWorkspace(reservedBytes + team.index * workspaceBytes)
    const machineCode = native?.bind(new Uint8Array(memory.buffer)) ?? null
    const ownProduct = chooseProduct(wasm.gemm, machineCode)
    const product = divideProduct(ownProduct, team)
    return {
      kernels: createWasmKernels(name, wasm, product, team, ownProduct),
      memory: {
        buffer: memory.buffer,
        offsetBytes: reservedBytes + team.count * workspaceBytes,
      },
    }
  }

  return {
    name,
    workspaceBytes: reservedBytes + workspaceBytes,
    createMemory,
    join,
    open: (bytes) => join(createMemory(bytes, 1), solo),
  }
}

function instantiate(module: WasmModule, memory: WasmMemory): WasmExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  // The build makes the module from assembly/index.ts; a test compares the names.
  return exports as unknown as WasmExports
}

function workspaceOf(module: WasmModule): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  return instantiate(module, memory).workspaceBytes()
}

function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit
}
