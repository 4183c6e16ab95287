/** @file The tables of examples/data as numbers, scaled and split. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { permutation } from '../../src/engine/index.ts'

export interface Rows {
  readonly inputs: { readonly values: Float32Array }
  readonly targets: { readonly values: Float32Array }
}

export interface Table {
  readonly rows: number
  readonly columns: number
  readonly classes: number
  readonly data: Rows
}

/** All columns but the last are numbers; the last is the class. */
export function readTable(file: string): Table {
  const lines = readFileSync(join('examples/data', file), 'utf8').trim().split(/\r?\n/).slice(1)
  const cells = lines.map((line) => line.split(','))
  const names = [...new Set(cells.map((row) => row[row.length - 1]))].sort()
  const inputs = cells.flatMap((row) => row.slice(0, -1).map(Number))
  const targets = cells.map((row) => names.indexOf(row[row.length - 1]))
  return {
    rows: cells.length,
    columns: cells[0].length - 1,
    classes: names.length,
    data: {
      inputs: { values: Float32Array.from(inputs) },
      targets: { values: Float32Array.from(targets) },
    },
  }
}

/** Each column to [0, 1]; a constant one to 0. */
export function minMax({ data, columns }: Table): Rows {
  const values = Float32Array.from(data.inputs.values)
  for (let c = 0; c < columns; c++) {
    const given = column(values, columns, c)
    const low = Math.min(...given)
    const range = Math.max(...given) - low
    replaceColumn(values, columns, c, (value) => (range > 0 ? (value - low) / range : 0))
  }
  return { inputs: { values }, targets: data.targets }
}

export interface Split {
  readonly training: Rows
  readonly heldOut: Rows
  readonly heldOutRows: number
}

/** Standardized: each column to mean 0 and variance 1, fitted on the training part. */
export function holdOut({ data, rows, columns }: Table, fraction: number, seed: number): Split {
  const order = permutation(seed, 'split', 0, rows)
  const heldOutRows = Math.floor(rows * fraction)
  const pick = (chosen: Uint32Array): Rows => {
    const values = new Float32Array(chosen.length * columns)
    for (const [n, row] of chosen.entries()) {
      values.set(data.inputs.values.subarray(row * columns, (row + 1) * columns), n * columns)
    }
    const targets = Float32Array.from(chosen, (row) => data.targets.values[row])
    return { inputs: { values }, targets: { values: targets } }
  }
  const training = pick(order.subarray(heldOutRows))
  const heldOut = pick(order.subarray(0, heldOutRows))
  standardize(training.inputs.values, heldOut.inputs.values, columns)
  return { training, heldOut, heldOutRows }
}

function standardize(fitted: Float32Array, other: Float32Array, columns: number): void {
  for (let c = 0; c < columns; c++) {
    const values = column(fitted, columns, c)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0
    for (const inputs of [fitted, other]) {
      replaceColumn(inputs, columns, c, (value) => (value - mean) * scale)
    }
  }
}

function column(inputs: ArrayLike<number>, columns: number, c: number): number[] {
  return Array.from({ length: inputs.length / columns }, (_, row) => inputs[row * columns + c])
}

function replaceColumn(
  inputs: Float32Array,
  columns: number,
  c: number,
  by: (value: number) => number,
): void {
  for (let i = c; i < inputs.length; i += columns) inputs[i] = by(inputs[i])
}
