/**
 * @file Recorded calls as one WebAssembly function: it imports the kernels and calls them one after the
 * other, each argument a constant. Between two kernels nothing is left but a call, and a small matrix
 * product is there itself.
 */
import type { RecordedCall } from '../backend.ts'
import { createInliner } from './inlined-call.ts'
import { integers, vectors } from './inlined-product.ts'
import type { NativeExports } from './native-kernels.ts'
import type { Signature } from './signatures.ts'
import {
  call,
  code,
  constant,
  counted,
  encodeModule,
  encodeName,
  encodeSection,
  encodeUnsigned,
  getLocal,
  join,
  setLocal,
  types,
} from './wasm-encoder.ts'
import type { WasmExports } from './wasm-exports.ts'
import type { WasmMemory } from './web-assembly.ts'

/** What is called when a recording is made again. */
export interface RecordedTables {
  readonly wasm: WasmExports
  readonly native: NativeExports | null
  readonly memory: WasmMemory
  /** Where the thread packs matrices. */
  readonly workspace: number
}

interface Recording {
  readonly first: readonly RecordedCall[]
  readonly then: readonly RecordedCall[]
  readonly times: number
  readonly signatures: ReadonlyMap<string, Signature>
  readonly tables: RecordedTables
}

export function linkReplay(recording: Recording): () => number {
  const { wasm, native, memory } = recording.tables
  const module = new WebAssembly.Module(encodeReplay(recording))
  const imports = { wasm, native: native ?? {}, env: { memory } }
  const { exports } = new WebAssembly.Instance(module, imports)
  return (exports as { replay: () => number }).replay
}

/**
 * In fewer calls less is gained than it takes to compile what is written out. Whole runs in ms, products
 * written out and called, on one core, where nothing compiles meanwhile:
 *
 *   steps               5,000          10,000         20,000         40,000
 *   XOR 2-2-1           2.3 and 2.1    5.8 and 3.2    4.6 and 5.3    7.6 and 9.6
 *   4-16-3, Adam        11.3 and 11.8  26.0 and 21.6  39.9 and 44.6  81.3 and 90.7
 *   10-20-5, SGD        10.0 and 6.5   9.3 and 11.2   16.4 and 21.6  32.4 and 43.3
 */
const minTimes = 20_000

/** The function's variables: the sum, vectors, then integers. */
const sum = 0
const firstVector = 1

function encodeReplay({ first, then, times, signatures, tables }: Recording): Uint8Array {
  const inline = createInliner(firstVector, tables.workspace)
  const imported: (Signature & Pick<RecordedCall, 'table' | 'name'>)[] = []
  const placeOf = ({ table, name }: RecordedCall): number => {
    const place = imported.findIndex((each) => each.table === table && each.name === name)
    if (place >= 0) return place
    const signature = signatures.get(name)
    if (!signature) throw new Error(`The WebAssembly module has no function ${name}.`)
    return imported.push({ table, name, ...signature }) - 1
  }
  const encodeCall = (each: RecordedCall): number[] => {
    const place = placeOf(each)
    const { parameters } = imported[place]
    return [...each.args.flatMap((value, i) => constant(parameters[i], value)), ...call(place)]
  }
  const dropping = (each: RecordedCall): number[] => {
    const inlined = times >= minTimes ? inline(each) : null
    if (inlined) return inlined
    return [...encodeCall(each), ...(imported[placeOf(each)].results ? code.drop : [])]
  }

  // x - x is 0 for a finite x alone.
  const returnUnlessFinite = [
    ...[...getLocal(sum), ...getLocal(sum), ...code.f32.subtract, ...constant('f', 0)],
    ...[...code.f32.isNotEqual, ...code.if, ...getLocal(sum), ...code.return, ...code.end],
  ]
  const body = join([
    [3, 1, types.f, vectors, types.v, integers, types.i],
    ...first.slice(0, -1).map(dropping),
    [...encodeCall(first[first.length - 1]), ...setLocal(sum)],
    returnUnlessFinite,
    ...then.map(dropping),
    [...getLocal(sum), ...code.end],
  ])
  const own = { parameters: '', results: 'f' }
  return encodeModule([
    encodeSection(1, [...imported, own].map(encodeType)),
    encodeSection(2, [
      encodeMemory(tables.memory),
      ...imported.map(({ table, name }, place) => {
        return [...encodeName(table), ...encodeName(name), 0, ...encodeUnsigned(place)]
      }),
    ]),
    encodeSection(3, [encodeUnsigned(imported.length)]),
    encodeSection(7, [[...encodeName('replay'), 0, ...encodeUnsigned(imported.length)]]),
    encodeSection(10, [counted(body)]),
  ])
}

function encodeType({ parameters, results }: Signature): number[] {
  const encoded = [parameters, results].map((letters) => [...letters].map((each) => types[each]))
  return [0x60, ...encoded.flatMap(counted)]
}

/** The kernels' memory, shared, with exactly as many pages as it has. */
function encodeMemory({ buffer }: WasmMemory): number[] {
  const pages = encodeUnsigned(buffer.byteLength / 65_536)
  return [...encodeName('env'), ...encodeName('memory'), 2, 3, ...pages, ...pages]
}
