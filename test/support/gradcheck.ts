/**
 * @file Gradients against central finite differences, in float64; those of a float32 table against
 * the reference's, which those differences have judged.
 *
 * With L = sum of y * dy, the gradient of L by anything must be what `backward` says.
 */
import { expect } from 'vitest'

import type { FloatArray, Layer } from '../../src/engine/index.ts'
import { bindAlone, type LoneLayer } from '../engine/bind-alone.ts'
import { kernelTables, type TestTable } from '../engine/kernel-tables.ts'

export interface GradientCase {
  readonly table: TestTable
  readonly inputShape: readonly number[]
  readonly rows: number
  readonly x: readonly number[]
  readonly dy: readonly number[]
}

/** Checks dx and the gradient of every parameter. */
export function expectGradientsToMatch(layer: Layer, given: GradientCase): void {
  const bound = bindAlone(layer, given)
  bound.x.set(given.x)
  bound.dy.set(given.dy)
  if (given.table.dtypes[0] === 'float64') expectFiniteDifferences(bound)
  else expectAsReference(layer, given, bound)
}

/** Of the largest value of a tensor. */
const float32Bar = 1e-5

function expectAsReference(layer: Layer, given: GradientCase, bound: LoneLayer): void {
  const judge = bindAlone(layer, { ...given, table: kernelTables[0] })
  judge.x.set(bound.x)
  judge.dy.set(bound.dy)
  for (const [i, parameter] of bound.parameters.entries()) judge.parameters[i].set(parameter)
  for (const each of [judge, bound]) {
    each.forward()
    each.backward()
  }
  const pairs: [string, FloatArray, FloatArray][] = [
    ['y', bound.y, judge.y],
    ['dx', bound.dx, judge.dx],
    ...bound.plan.parameters.map(({ name }, i): [string, FloatArray, FloatArray] => [
      `d${name}`,
      bound.gradients[i],
      judge.gradients[i],
    ]),
  ]
  // A small difference of large dy, as softmax takes it, is no more exact than they are.
  const least = Math.max(1e-3, ...Array.from(judge.dy, (dy) => Math.abs(dy) * 0.05))
  for (const [name, actual, expected] of pairs) {
    const largest = Math.max(...Array.from(expected, Math.abs))
    for (const [i, value] of expected.entries()) {
      const error = Math.abs(actual[i] - value)
      expect(error, `${name}[${i}]: ${actual[i]} against ${value}`).toBeLessThanOrEqual(
        float32Bar * Math.max(largest, least),
      )
    }
  }
}

function expectFiniteDifferences(bound: LoneLayer): void {
  const loss = () => {
    bound.forward()
    let sum = 0
    for (let i = 0; i < bound.y.length; i++) sum += bound.y[i] * bound.dy[i]
    return sum
  }

  loss()
  bound.backward()
  expectSlopes('dx', bound.dx.slice(), bound.x, loss)
  for (const [i, { name }] of bound.plan.parameters.entries()) {
    expectSlopes(`d${name}`, bound.gradients[i].slice(), bound.parameters[i], loss)
  }
}

/** Step 1e-5: its square, the error of central differences, and 1e-16 / 1e-5 are about equal. */
const stepSize = 1e-5

/** `gradient` must be the slopes of `loss` by each of `values`, to `bar` of the largest. */
export function expectSlopes(
  name: string,
  gradient: FloatArray,
  values: FloatArray,
  loss: () => number,
  bar = 1e-6,
): void {
  const slopes = Array.from(values, (value, i) => {
    values[i] = value + stepSize
    const above = loss()
    values[i] = value - stepSize
    const below = loss()
    values[i] = value
    return (above - below) / (2 * stepSize)
  })
  const tolerance = bar * Math.max(1, ...slopes.map(Math.abs))
  for (const [i, slope] of slopes.entries()) {
    expect(
      Math.abs(gradient[i] - slope),
      `${name}[${i}]: ${gradient[i]} against ${slope}`,
    ).toBeLessThan(tolerance)
  }
}
