/** @file What is used of the WebAssembly namespace, which @types/node leaves to the DOM's types. */
declare global {
  namespace WebAssembly {
    class Memory {
      constructor(descriptor: { initial: number; maximum: number; shared: true })
      readonly buffer: SharedArrayBuffer
    }
    class Module {
      constructor(bytes: Uint8Array)
      static customSections(module: Module, name: string): ArrayBuffer[]
    }
    class Instance {
      constructor(module: Module, imports: Record<string, object>)
      readonly exports: object
    }
  }
}

export type WasmModule = WebAssembly.Module
export type WasmMemory = WebAssembly.Memory
