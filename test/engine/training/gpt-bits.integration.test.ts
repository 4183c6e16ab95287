/** @file A GPT's bits: the same on every fast table, straight or resumed, on one, two and four threads. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { describe, expect, test } from 'vitest'

import {
  createTrainer,
  joinTeam,
  type OpenedMemory,
  solo,
  type Trainer,
  teamBytes,
} from '../../../src/engine/index.ts'
import { kernelTables } from '../kernel-tables.ts'
import { planSmallGpt, smallText } from './small-gpt.ts'

const plan = planSmallGpt()
const fastTables = kernelTables.filter(({ name }) => name !== 'reference')
const wasm = fastTables[0].backend

const trainerOn = (opened: OpenedMemory) => createTrainer(plan, { training: smallText(), opened })

function hashOf(trainer: Trainer): string {
  const hash = createHash('sha256')
  for (const { data } of Object.values(trainer.weights()))
    hash.update(Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))
  return hash.digest('hex')
}

const straight = trainerOn(wasm.open(plan.memoryBytes))
const { points } = straight.run(100)
const expected = { hash: hashOf(straight), points }

test('it learns', () => {
  const losses = points.filter(({ name }) => name === 'loss').map(({ value }) => value)

  expect(losses).toHaveLength(4)
  expect(losses[3]).toBeLessThan(losses[0])
})

describe.each(fastTables)('on $name', ({ backend }) => {
  test('straight, and through a snapshot after each step', () => {
    const trainer = trainerOn(backend.open(plan.memoryBytes))
    expect(trainer.run(100).points).toEqual(expected.points)
    expect(hashOf(trainer)).toBe(expected.hash)

    let resumed = trainerOn(backend.open(plan.memoryBytes))
    for (let finished = false; !finished; ) {
      finished = resumed.run(1).finished
      const next = trainerOn(backend.open(plan.memoryBytes))
      next.restore(structuredClone(resumed.snapshot()))
      resumed = next
    }
    expect(hashOf(resumed)).toBe(expected.hash)
  })
})

test.each([2, 4])('on %d threads', async (count) => {
  const memory = wasm.shared!.create(plan.memoryBytes, count)
  const words = new SharedArrayBuffer(teamBytes)
  // Initial state and parameters come from the thread that leads, before the others join.
  const { state } = trainerOn(wasm.shared!.join(memory, { ...solo, count }))
  const followers = Array.from({ length: count - 1 }, (_, i) => {
    const workerData = { memory, words, index: i + 1, count, state }
    const entry = new URL('./entries/follow-gpt.ts', import.meta.url)
    // A thread's first file is read before a loader of TypeScript is there.
    const code = `import('tsx/esm/api').then(({ register }) => { register(); import('${entry.href}') })`
    return new Worker(code, { workerData, eval: true })
  })
  await Promise.all(followers.map((worker) => once(worker, 'message')))
  const team = joinTeam({ words, index: 0, count, isBroken: () => false })
  const trainer = trainerOn(wasm.shared!.join(memory, team))
  const report = trainer.run(100)
  trainer.dismiss()
  await Promise.all(followers.map((worker) => once(worker, 'exit')))

  expect(report.points).toEqual(expected.points)
  expect(hashOf(trainer)).toBe(expected.hash)
})
