/** @file Every family of models, cut in the middle: a snapshot goes on elsewhere with the same bits. */
import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { resolveTask } from '../../src/data/resolve.ts'
import { sizeOf } from '../../src/data/task.ts'
import {
  createTrainer,
  decodeSafetensors,
  encodeSafetensors,
  type KernelBackend,
  permutation,
  type Snapshot,
  type Trainer,
} from '../../src/engine/index.ts'
import { planTask } from '../../src/threads/plan.ts'
import { prepareData } from '../../src/threads/prepare-data.ts'
import { kernelTables } from '../engine/kernel-tables.ts'
import { type Family, families } from './support/families.ts'
import { prepareTask } from './support/tasks.ts'

/** Makes trainers of one job. */
function trainersOf({ spec, data }: Family) {
  const { task } = prepareTask(spec, data)
  const resolved = resolveTask(spec, data.profile, null)
  const { plan } = planTask(spec, resolved)
  const prepared = prepareData(task, {
    resolved,
    targetSize: sizeOf(plan.targetShape),
    permutation: (length) => permutation(spec.training.seed, 'split', 0, length),
    onProgress: () => {},
  })
  return (backend: KernelBackend): Trainer =>
    createTrainer(plan, {
      training: prepared.training,
      validation: prepared.validation ?? undefined,
      opened: backend.open(plan.memoryBytes),
    })
}

/** Through a file and JSON, as a store would keep it. */
function throughFile({ tensors, state }: Snapshot): Snapshot {
  const decoded = decodeSafetensors(encodeSafetensors(tensors, { state: JSON.stringify(state) }))
  return { tensors: decoded.tensors, state: JSON.parse(decoded.metadata.state) }
}

/** Steps and validation batches until it ends. */
function countUnits(trainer: Trainer): number {
  for (let units = 1; ; units++) if (trainer.run(1).finished) return units
}

function hashOf(trainer: Trainer): string {
  return createHash('sha256').update(encodeSafetensors(trainer.weights(), {})).digest('hex')
}

const toTheEnd = 1_000_000

/** They have the same bits. The reference table has others, and its snapshots are tested with the engine. */
const fastTables = kernelTables.filter(({ name }) => name !== 'reference')
const pairs = fastTables.flatMap((from) =>
  fastTables.map((to) => ({ from, to, names: `${from.name} to ${to.name}` })),
)

describe.each(families)('$name', (family) => {
  const create = trainersOf(family)

  test.each(pairs)('goes on after a snapshot from $names', ({ from, to }) => {
    const straight = create(from.backend)
    const { points } = straight.run(toTheEnd)
    const middle = Math.floor(countUnits(create(from.backend)) / 2)
    const before = create(from.backend)
    const head = before.run(middle)
    const after = create(to.backend)
    after.restore(throughFile(before.snapshot()))
    const tail = after.run(toTheEnd)

    expect(head.finished).toBe(false)
    expect([...head.points, ...tail.points]).toEqual(points)
    expect(hashOf(after)).toBe(hashOf(straight))
  })
})
