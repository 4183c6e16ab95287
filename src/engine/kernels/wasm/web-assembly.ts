/** @file What is used of the WebAssembly namespace, which @types/node leaves to the DOM's types. */
declare global {
  namespace WebAssembly {
    class Memory {
      constructor(descriptor: { initial: number; maximum: number; shared: true })
      readonly buffer: SharedArrayBuffer
    }
    class Module {
      constructor(bytes: Uint8Array)
    }
    class Instance {
      constructor(module: Module, imports: { env: { memory: Memory } })
      readonly exports: object
    }
  }
}

export type WasmModule = WebAssembly.Module
export type WasmMemory = WebAssembly.Memory
