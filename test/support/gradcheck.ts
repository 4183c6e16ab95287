/**
 * @file Gradients against central finite differences, in float64.
 *
 * With L = sum of y * dy, the gradient of L by anything must be what `backward` says.
 */
import { expect } from 'vitest'

import type { FloatArray, Kernels, Layer } from '../../src/engine/index.ts'
import { bindAlone } from '../engine/bind-alone.ts'

export interface GradientCase {
  readonly kernels: Kernels
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

/** `gradient` must be the slopes of `loss` by each of `values`, to 1e-6 of the largest. */
export function expectSlopes(
  name: string,
  gradient: FloatArray,
  values: FloatArray,
  loss: () => number,
): void {
  const slopes = Array.from(values, (value, i) => {
    values[i] = value + stepSize
    const above = loss()
    values[i] = value - stepSize
    const below = loss()
    values[i] = value
    return (above - below) / (2 * stepSize)
  })
  const tolerance = 1e-6 * Math.max(1, ...slopes.map(Math.abs))
  for (const [i, slope] of slopes.entries()) {
    expect(
      Math.abs(gradient[i] - slope),
      `${name}[${i}]: ${gradient[i]} against ${slope}`,
    ).toBeLessThan(tolerance)
  }
}
