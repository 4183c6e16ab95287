/**
 * @file WebAssembly's binary format, as much of it as a recorded step needs: numbers, sections, and
 * instructions. It knows nothing of kernels.
 *
 * Reference: WebAssembly Core Specification, binary format.
 */

/** The letters of signatures.ts, and `v` for a vector. */
export const types: Readonly<Record<string, number>> = { i: 0x7f, f: 0x7d, d: 0x7c, v: 0x7b }

export function encodeModule(sections: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array(join([[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...sections]))
}

export function encodeSection(id: number, entries: readonly (readonly number[])[]): number[] {
  return join([[id], counted(join([encodeUnsigned(entries.length), ...entries]))])
}

export function encodeName(name: string): number[] {
  return counted([...name].map((letter) => letter.charCodeAt(0)))
}

export function counted(bytes: readonly number[]): number[] {
  return join([encodeUnsigned(bytes.length), bytes])
}

/** A copy: a step is written once, and to spread so much code byte by byte took 50 ms uncompiled. */
export function join(parts: readonly (readonly number[])[]): number[] {
  return ([] as number[]).concat(...parts)
}

export const code = {
  if: [0x04, 0x40],
  loop: [0x03, 0x40],
  again: [0x0d, 0],
  return: [0x0f],
  end: [0x0b],
  drop: [0x1a],
  i32: { isNotEqual: [0x47], add: [0x6a] },
  f32: { isNotEqual: [0x5c], subtract: [0x93] },
  f32x4: { add: [0xfd, 0xe4, 0x01], multiply: [0xfd, 0xe6, 0x01] },
}

export function call(place: number): number[] {
  return [0x10, ...encodeUnsigned(place)]
}

export function getLocal(place: number): number[] {
  return [0x20, ...encodeUnsigned(place)]
}

export function setLocal(place: number): number[] {
  return [0x21, ...encodeUnsigned(place)]
}

export function constant(type: string, value: number): number[] {
  if (type === 'i') return [0x41, ...encodeSigned(value | 0)]
  if (type === 'f') return [0x43, ...new Uint8Array(Float32Array.of(value).buffer)]
  return [0x44, ...new Uint8Array(Float64Array.of(value).buffer)]
}

/** Four lanes from an address, or from so many bytes after the one in a local. */
export function loadLanes(address: number, base: number | null = null): number[] {
  return [...baseOf(base), 0xfd, 0x00, ...offset(address)]
}

/** One number from an address, in four lanes. */
export function loadSplat(address: number, base: number | null = null): number[] {
  return [...baseOf(base), 0xfd, 0x09, ...offset(address)]
}

/** The first `count` lanes of a local, 1 to 4, to an address, or so many bytes after the one in `base`. */
export function storeLanes(
  address: number,
  local: number,
  count: number,
  base: number | null = null,
): number[] {
  const store = (instruction: number[], at: number, lane: number[]) => [
    ...[...baseOf(base), ...getLocal(local), 0xfd, ...instruction, ...offset(at), ...lane],
  ]
  if (count === 4) return store([0x0b], address, [])
  return [
    ...(count > 1 ? store([0x5b], address, [0]) : []),
    ...(count % 2 ? store([0x5a], address + (count - 1) * 4, [count - 1]) : []),
  ]
}

/** What a local grows by. */
export interface Step {
  readonly local: number
  readonly bytes: number
}

/** Follows the instructions, then lets the locals grow, until the first of them is `end`. */
export function repeat(
  steps: readonly Step[],
  end: number,
  instructions: readonly number[],
): number[] {
  return join([
    code.loop,
    instructions,
    ...steps.map((step) => [
      ...[...getLocal(step.local), ...constant('i', step.bytes)],
      ...[...code.i32.add, ...setLocal(step.local)],
    ]),
    [...getLocal(steps[0].local), ...constant('i', end)],
    [...code.i32.isNotEqual, ...code.again, ...code.end],
  ])
}

/** Four of the eight lanes of two vectors on the stack. */
export function shuffle(...lanes: readonly number[]): number[] {
  return [0xfd, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte))]
}

function baseOf(local: number | null): number[] {
  return local === null ? constant('i', 0) : getLocal(local)
}

/** Of numbers of 4 bytes (2^2). */
function offset(address: number): number[] {
  return [2, ...encodeUnsigned(address)]
}

/** Seven bits a byte, the lowest first (LEB128). */
export function encodeUnsigned(value: number): number[] {
  const low = value & 127
  const rest = value >>> 7
  return rest === 0 ? [low] : [low | 128, ...encodeUnsigned(rest)]
}

function encodeSigned(value: number): number[] {
  const low = value & 127
  const rest = value >> 7
  const isLast = rest === (low & 64 ? -1 : 0)
  return isLast ? [low] : [low | 128, ...encodeSigned(rest)]
}
