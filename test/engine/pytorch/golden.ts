/** @file The golden numbers made by fixtures/pytorch/generate.py, with their types. */
import { readFileSync } from 'node:fs'

import { expect } from 'vitest'

import type { Dtype, FloatArray, Snapshot, Trainer } from '../../../src/engine/index.ts'
import { createFloatArray } from '../../../src/engine/memory/float-array.ts'

export type NamedNumbers = Readonly<Record<string, number[]>>

export interface LayerGolden {
  readonly type: string
  readonly options: object
  readonly inputShape: number[]
  readonly rows: number
  readonly parameters: NamedNumbers
  readonly gradients: NamedNumbers
  readonly x: number[]
  readonly dy: number[]
  readonly y: number[]
  /** None of tokens. */
  readonly dx: number[] | null
  /** (N, T), 0 where a token is padding. */
  readonly mask?: number[]
  /** Elements, from and to, whose gradient is rounding alone. */
  readonly zeroGradients?: Readonly<Record<string, [number, number]>>
  /** Of batch norm: its running statistics after the pass, and the output in evaluation after it. */
  readonly buffers?: NamedNumbers
  readonly evaluated?: number[]
}

export interface LossGolden {
  readonly type: 'meanSquaredError' | 'binaryCrossEntropy' | 'categoricalCrossEntropy'
  readonly outputs: number
  readonly rows: number
  readonly y: number[]
  readonly targets: number[]
  readonly loss: number
  readonly dy: number[]
}

export interface OptimizersGolden {
  readonly learningRate: number
  readonly start: number[]
  readonly gradients: number[][]
  readonly cases: { readonly type: string; readonly options: object; readonly after: number[] }[]
}

export interface TrainingGolden {
  readonly rows: number
  readonly inputs: number[]
  readonly classes: number[]
  readonly cases: {
    readonly optimizer: string
    readonly clipNorm: number | null
    readonly learningRate: number
    readonly start: NamedNumbers
    readonly losses: number[]
    readonly after: NamedNumbers
    readonly probabilities: number[]
  }[]
}

export interface GptGolden {
  readonly options: {
    readonly layers: number
    readonly heads: number
    readonly channels: number
    readonly context: number
    readonly vocabulary: number
    readonly bias: boolean
  }
  readonly optimizer: {
    readonly beta1: number
    readonly beta2: number
    readonly weightDecay: number
    readonly decays: 'matrices'
  }
  readonly learningRate: number
  readonly steps: number
  readonly rows: number
  readonly tokens: number[] // (N, T)
  readonly targets: number[] // (N, T)
  readonly parameters: NamedNumbers
  readonly logits: number[] // (N, T, V)
  readonly loss: number
  readonly losses: number[]
  readonly gradients: NamedNumbers
  readonly zeroGradients: Readonly<Record<string, [number, number]>>
  readonly after: NamedNumbers
}

export interface CnnGolden {
  readonly layers: { readonly type: string }[]
  readonly learningRate: number
  readonly steps: number
  readonly inputShape: number[]
  readonly rows: number
  readonly x: number[]
  readonly classes: number[]
  readonly parameters: NamedNumbers
  readonly losses: number[]
  readonly after: NamedNumbers
  readonly buffers: NamedNumbers
  /** Parameters whose gradient is zero but for rounding: after Adam they are anywhere. */
  readonly zeroGradients: Readonly<Record<string, unknown>>
}

interface Goldens {
  readonly layers: LayerGolden[]
  readonly norms: LayerGolden[]
  readonly sequence: LayerGolden[]
  readonly gpt: GptGolden[]
  readonly 'gpt-bias': GptGolden[]
  readonly vision: LayerGolden[]
  readonly cnn: CnnGolden[]
  readonly losses: LossGolden[]
  readonly optimizers: OptimizersGolden
  readonly training: TrainingGolden
}

export function golden<Name extends keyof Goldens>(name: Name): Goldens[Name] {
  return JSON.parse(readFileSync(`test/fixtures/pytorch/${name}.json`, 'utf8'))
}

export function floatsOf(dtype: Dtype, values: readonly number[]): FloatArray {
  const data = createFloatArray(dtype, values.length)
  data.set(values)
  return data
}

/** Every element within `bar` of the largest expected one. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  bar: number,
): void {
  expect(actual.length).toBe(expected.length)
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i])
    const message = `[${i}] is ${actual[i]}, PyTorch has ${expected[i]}`
    expect(error, message).toBeLessThanOrEqual(bar * largest)
  }
}

/** Without the elements, from and to, whose true value is zero: what is there is rounding alone. */
export function withoutZeros(values: ArrayLike<number>, zeros?: readonly number[]): number[] {
  const [from, to] = zeros ?? [0, 0]
  return Array.from(values).filter((_, i) => i < from || i >= to)
}

/** The trainer's own snapshot at step 0, with the parameters that PyTorch started from. */
export function startingFrom(trainer: Trainer, start: NamedNumbers): Snapshot {
  const snapshot = trainer.snapshot()
  for (const [name, values] of Object.entries(start)) {
    snapshot.tensors[`parameters.${name}`].data.set(values)
  }
  return snapshot
}
