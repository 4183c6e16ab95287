/**
 * @file What a training thread reports, as it crosses to another: its points in columns, since to copy
 * an object for each would take longer than a step of a small network.
 */
import type { RawPoint } from './losses.ts'
import type { TrainProgress } from './tasks.ts'

export interface PackedProgress extends Omit<TrainProgress, 'points'> {
  readonly points: PackedPoints
}

interface PackedPoints {
  /** The names that there are. */
  readonly names: readonly string[]
  /** Of each point: which of the names, the step, the value. */
  readonly nameOf: Uint8Array
  readonly steps: Float64Array
  readonly values: Float64Array
}

export function packProgress(progress: TrainProgress): PackedProgress {
  return { ...progress, points: packPoints(progress.points) }
}

export function unpackProgress(packed: PackedProgress): TrainProgress {
  return { ...packed, points: unpackPoints(packed.points) }
}

function packPoints(points: readonly RawPoint[]): PackedPoints {
  const names: string[] = []
  const nameOf = new Uint8Array(points.length)
  const steps = new Float64Array(points.length)
  const values = new Float64Array(points.length)
  for (let i = 0; i < points.length; i++) {
    const { name, step, value } = points[i]
    let place = names.indexOf(name)
    if (place === -1) place = names.push(name) - 1
    nameOf[i] = place
    steps[i] = step
    values[i] = value
  }
  return { names, nameOf, steps, values }
}

function unpackPoints({ names, nameOf, steps, values }: PackedPoints): RawPoint[] {
  return Array.from(nameOf, (place, i) => ({
    name: names[place],
    step: steps[i],
    value: values[i],
  }))
}
