/**
 * @file Recorded calls as one WebAssembly function: it imports the kernels and calls them one after the
 * other, each argument a constant. Between two kernels nothing is left but a call.
 *
 * Reference: WebAssembly Core Specification, binary format.
 */
import type { RecordedCall } from '../backend.ts'
import type { NativeExports } from './native-kernels.ts'
import type { Signature } from './signatures.ts'
import type { WasmExports } from './wasm-exports.ts'

/** What is called when a recording is made again. */
export interface RecordedTables {
  readonly wasm: WasmExports
  readonly native: NativeExports | null
}

interface Recording {
  readonly first: readonly RecordedCall[]
  readonly then: readonly RecordedCall[]
  readonly signatures: ReadonlyMap<string, Signature>
  readonly tables: RecordedTables
}

export function linkReplay(recording: Recording): () => number {
  const { wasm, native } = recording.tables
  const module = new WebAssembly.Module(encodeReplay(recording))
  const { exports } = new WebAssembly.Instance(module, { wasm, native: native ?? {} })
  return (exports as { replay: () => number }).replay
}

const types: Readonly<Record<string, number>> = { i: 0x7f, f: 0x7d, d: 0x7c }
const code = {
  if: [0x04, 0x40],
  return: [0x0f],
  end: [0x0b],
  call: 0x10,
  drop: [0x1a],
  getSum: [0x20, 0],
  setSum: [0x21, 0],
  i32: 0x41,
  f32: 0x43,
  f64: 0x44,
  isNotEqual: [0x5c],
  subtract: [0x93],
}

function encodeReplay({ first, then, signatures }: Recording): Uint8Array {
  const kernels = new Map<string, Signature & Pick<RecordedCall, 'table' | 'name'>>()
  for (const { table, name } of [...first, ...then]) {
    const signature = signatures.get(name)
    if (!signature) throw new Error(`The WebAssembly module has no function ${name}.`)
    kernels.set(`${table}.${name}`, { table, name, ...signature })
  }
  const imported = [...kernels.values()]
  const own = { parameters: '', results: 'f' }
  const placeOf = ({ table, name }: RecordedCall) => [...kernels.keys()].indexOf(`${table}.${name}`)
  const call = (each: RecordedCall): number[] => {
    const place = placeOf(each)
    const { parameters } = imported[place]
    const constants = each.args.flatMap((value, i) => encodeConstant(parameters[i], value))
    return [...constants, code.call, ...encodeUnsigned(place)]
  }
  const dropping = (each: RecordedCall): number[] => [
    ...call(each),
    ...(imported[placeOf(each)].results ? code.drop : []),
  ]

  // x - x is 0 for a finite x alone.
  const returnUnlessFinite = [
    ...[...code.getSum, ...code.getSum, ...code.subtract, ...encodeConstant('f', 0)],
    ...[...code.isNotEqual, ...code.if, ...code.getSum, ...code.return, ...code.end],
  ]
  const body = [
    ...[1, 1, types.f], // one variable: the sum
    ...first.slice(0, -1).flatMap(dropping),
    ...[...call(first[first.length - 1]), ...code.setSum],
    ...returnUnlessFinite,
    ...then.flatMap(dropping),
    ...[...code.getSum, ...code.end],
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...encodeSection(1, [...imported, own].map(encodeType)),
    ...encodeSection(
      2,
      imported.map(({ table, name }, place) => {
        return [...encodeName(table), ...encodeName(name), 0, ...encodeUnsigned(place)]
      }),
    ),
    ...encodeSection(3, [encodeUnsigned(imported.length)]),
    ...encodeSection(7, [[...encodeName('replay'), 0, ...encodeUnsigned(imported.length)]]),
    ...encodeSection(10, [counted(body)]),
  ])
}

function encodeSection(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id, ...counted([...encodeUnsigned(entries.length), ...entries.flat()])]
}

function encodeType({ parameters, results }: Signature): number[] {
  const encoded = [parameters, results].map((letters) => [...letters].map((each) => types[each]))
  return [0x60, ...encoded.flatMap(counted)]
}

function encodeName(name: string): number[] {
  return counted([...name].map((letter) => letter.charCodeAt(0)))
}

function encodeConstant(type: string, value: number): number[] {
  if (type === 'i') return [code.i32, ...encodeSigned(value | 0)]
  if (type === 'f') return [code.f32, ...new Uint8Array(Float32Array.of(value).buffer)]
  return [code.f64, ...new Uint8Array(Float64Array.of(value).buffer)]
}

function counted(bytes: readonly number[]): number[] {
  return [...encodeUnsigned(bytes.length), ...bytes]
}

/** Seven bits a byte, the lowest first (LEB128). */
function encodeUnsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...encodeUnsigned(value >>> 7)]
}

function encodeSigned(value: number): number[] {
  const low = value & 127
  const rest = value >> 7
  const isLast = rest === (low & 64 ? -1 : 0)
  return isLast ? [low] : [low | 128, ...encodeSigned(rest)]
}
