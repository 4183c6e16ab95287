/**
 * @file A snapshot: everything a fresh trainer of the same plan needs to go on with the same bits.
 *
 * Tensors are copies; the state is data that JSON keeps exactly. Both can be written while training
 * goes on.
 */
import { EngineError } from '../errors.ts'
import { createFloatArray, type FloatArray } from '../memory/float-array.ts'
import { describeShape } from '../shape.ts'
import { hasShape, type NamedTensors, type Tensor } from '../tensor.ts'
import type { BoundJob } from './bind-job.ts'
import { viewsInArena } from './parameter-arena.ts'
import type { TrainerState } from './state.ts'

export interface Snapshot {
  /** `parameters.0.weight`, `optimizer.m.0.weight`, `best.0.weight` */
  readonly tensors: NamedTensors
  readonly state: SnapshotState
}

export interface SnapshotState {
  readonly numericsVersion: number
  readonly fingerprint: string
  readonly trainer: TrainerState
}

export function takeSnapshot(job: BoundJob, state: TrainerState): Snapshot {
  return {
    tensors: Object.fromEntries(
      arenasOf(job).flatMap(([prefix, values]) => namedCopies(job, prefix, values)),
    ),
    state: stateOfSnapshot(job, state),
  }
}

export function stateOfSnapshot(job: BoundJob, state: TrainerState): SnapshotState {
  return {
    numericsVersion: job.kernels.numericsVersion,
    fingerprint: job.plan.fingerprint,
    trainer: copyState(state),
  }
}

/** The tensors of a snapshot where they lie: they change with the next step. */
export function viewSnapshot(job: BoundJob): NamedTensors {
  return Object.fromEntries(
    arenasOf(job).flatMap(([prefix, values]) => namedViews(job, prefix, values)),
  )
}

/** Overwrites the job's tensors and returns the state to go on from. Changes nothing if it throws. */
export function restoreSnapshot(job: BoundJob, { tensors, state }: Snapshot): TrainerState {
  const { numericsVersion } = job.kernels
  if (state.numericsVersion !== numericsVersion) {
    throw new EngineError(
      'snapshot_mismatch',
      `snapshot: expected numerics version ${numericsVersion}, got ${state.numericsVersion}. Start again from step 0.`,
    )
  }
  if (state.fingerprint !== job.plan.fingerprint) {
    throw new EngineError(
      'snapshot_mismatch',
      `snapshot: expected one of plan ${job.plan.fingerprint}, got one of ${state.fingerprint}. Use the plan that it was taken from.`,
    )
  }
  const writes = arenasOf(job).flatMap(([prefix, values]) =>
    namedViews(job, prefix, values).map(([name, expected]) => ({
      view: expected.data,
      data: requireTensor(tensors, name, expected),
    })),
  )
  for (const { view, data } of writes) view.set(data)
  return copyState(state.trainer)
}

/**
 * Overwrites the parameters alone, with those of another training of the same network. Errors:
 * `weights_mismatch`, having changed nothing.
 */
export function loadWeights(job: BoundJob, weights: NamedTensors): void {
  const writes = namedViews(job, '', job.parameters).map(([name, expected]) => {
    const given = tensorOf(weights, name.slice(1), expected)
    if (given) return { view: expected.data, data: given }
    throw new EngineError(
      'weights_mismatch',
      `weights: expected ${name.slice(1)} of shape ${describeShape(expected.shape)}. Start from a training of the same network.`,
    )
  })
  for (const { view, data } of writes) view.set(data)
}

/** Copies of the parameters, by name. */
export function copyWeights(job: BoundJob): NamedTensors {
  return Object.fromEntries(
    namedCopies(job, '', job.parameters).map(([name, tensor]) => [name.slice(1), tensor]),
  )
}

function arenasOf({ plan, parameters, slots, best }: BoundJob): [string, FloatArray][] {
  const { optimizer } = plan.details.options
  return [
    ['parameters', parameters],
    ...slots.map((slot, i): [string, FloatArray] => [`optimizer.${optimizer.slots[i]}`, slot]),
    ...(best.length > 0 ? [['best', best] satisfies [string, FloatArray]] : []),
  ]
}

function namedCopies(job: BoundJob, prefix: string, values: FloatArray): [string, Tensor][] {
  return namedViews(job, prefix, values).map(([name, { shape, data: view }]) => {
    const data = createFloatArray(job.plan.details.dtype, view.length)
    data.set(view)
    return [name, { shape, data }]
  })
}

/** Optimizer state is there only for what trains. */
function namedViews({ plan }: BoundJob, prefix: string, values: FloatArray): [string, Tensor][] {
  const { arena } = plan.details
  const views = viewsInArena(arena, values)
  return arena.parameters.flatMap(({ name, shape, length }, i): [string, Tensor][] =>
    views[i].length === length ? [[`${prefix}.${name}`, { shape, data: views[i] }]] : [],
  )
}

function requireTensor(tensors: NamedTensors, name: string, expected: Tensor): FloatArray {
  const data = tensorOf(tensors, name, expected)
  if (data) return data
  const given = Object.hasOwn(tensors, name) ? tensors[name] : undefined
  const found = given ? `${describeShape(given.shape)}, ${given.data.length} numbers` : 'none'
  throw new EngineError(
    'snapshot_mismatch',
    `snapshot: expected ${name} of shape ${describeShape(expected.shape)}, got ${found}.`,
  )
}

/** null unless there is one of that name, type and shape. */
function tensorOf(tensors: NamedTensors, name: string, expected: Tensor): FloatArray | null {
  const given = Object.hasOwn(tensors, name) ? tensors[name] : undefined
  const isSameType = given?.data.constructor === expected.data.constructor
  return given && isSameType && hasShape(given, expected.shape) ? given.data : null
}

/** JSON keeps every finite double exactly. */
export function copyState(state: TrainerState): TrainerState {
  return JSON.parse(JSON.stringify(state))
}
