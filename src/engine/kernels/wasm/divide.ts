/**
 * @file From an export of the module to a kernel: views become byte offsets, and a team's threads each
 * get their share. A thread that works alone is given the shorter way.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { Averaged, Binary, RowBinary, RowUnary, Unary } from './wasm-exports.ts'

/** A cache line of float32: no two threads write into one. */
const lineElements = 16

export interface Divider {
  unary(kernel: Unary): (y: FloatArray, x: FloatArray, n: number) => void
  binary(kernel: Binary): (z: FloatArray, y: FloatArray, x: FloatArray, n: number) => void
  rowUnary(kernel: RowUnary): (y: FloatArray, x: FloatArray, N: number, C: number) => void
  rowBinary(
    kernel: RowBinary,
    /** Elements per row of the first array, where it is not C. */
    outputWidth?: 1,
  ): (z: FloatArray, y: FloatArray, x: FloatArray, N: number, C: number) => void
  averaged(
    kernel: Averaged,
  ): (dx: FloatArray, x: FloatArray, targets: FloatArray, N: number, C: number) => void
}

const alone: Divider = {
  unary: (kernel) => (y, x, n) => kernel(y.byteOffset, x.byteOffset, n),
  binary: (kernel) => (z, y, x, n) => kernel(z.byteOffset, y.byteOffset, x.byteOffset, n),
  rowUnary: (kernel) => (y, x, N, C) => kernel(y.byteOffset, x.byteOffset, N, C),
  rowBinary: (kernel) => (z, y, x, N, C) => kernel(z.byteOffset, y.byteOffset, x.byteOffset, N, C),
  averaged: (kernel) => (dx, x, targets, N, C) =>
    kernel(dx.byteOffset, x.byteOffset, targets.byteOffset, N * C, N * C),
}

export function createDivider(team: Team): Divider {
  if (team.count === 1) return alone
  const elementsOf = (n: number) =>
    shareEnd(team, n, lineElements) - shareStart(team, n, lineElements)
  const firstByte = (n: number) => shareStart(team, n, lineElements) * 4
  return {
    unary: (kernel) => (y, x, n) => {
      const at = firstByte(n)
      kernel(y.byteOffset + at, x.byteOffset + at, elementsOf(n))
      team.meet()
    },
    binary: (kernel) => (z, y, x, n) => {
      const at = firstByte(n)
      kernel(z.byteOffset + at, y.byteOffset + at, x.byteOffset + at, elementsOf(n))
      team.meet()
    },
    rowUnary: (kernel) => (y, x, N, C) => {
      const from = shareStart(team, N, 1)
      const at = from * C * 4
      kernel(y.byteOffset + at, x.byteOffset + at, shareEnd(team, N, 1) - from, C)
      team.meet()
    },
    rowBinary: (kernel, outputWidth) => (z, y, x, N, C) => {
      const from = shareStart(team, N, 1)
      const at = from * C * 4
      const out = from * (outputWidth ?? C) * 4
      kernel(
        z.byteOffset + out,
        y.byteOffset + at,
        x.byteOffset + at,
        shareEnd(team, N, 1) - from,
        C,
      )
      team.meet()
    },
    averaged: (kernel) => (dx, x, targets, N, C) => {
      const n = N * C
      const at = firstByte(n)
      kernel(dx.byteOffset + at, x.byteOffset + at, targets.byteOffset + at, elementsOf(n), n)
      team.meet()
    },
  }
}
