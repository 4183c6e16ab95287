/** @file The types of the module's functions, as the build has written them into a section of it. */
import type { WasmModule } from './web-assembly.ts'

export interface Signature {
  /** One letter each: `i` for i32, `f` for f32, `d` for f64. */
  readonly parameters: string
  readonly results: string
}

export function signaturesOf(module: WasmModule): ReadonlyMap<string, Signature> {
  const [section] = WebAssembly.Module.customSections(module, 'signatures')
  const lines = String.fromCharCode(...new Uint8Array(section)).split('\n')
  return new Map(
    lines.map((line) => {
      const [name, parameters, results] = line.split(' ')
      return [name, { parameters, results }]
    }),
  )
}
