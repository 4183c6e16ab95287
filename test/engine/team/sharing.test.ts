import { readFileSync } from 'node:fs'

import { describe, expect, test, vi } from 'vitest'

import { createWasmBackend } from '../../../src/engine/index.ts'
import { generatedKernel, loadNativeKernels } from '../../../src/threads/native-kernels.ts'
import { openChecked } from './check-sharing.ts'
import { trainerOf, trainToEnd } from './train-case.ts'
import { trainingCases } from './training-cases.ts'

vi.setConfig({ testTimeout: 30_000 })

const module = new WebAssembly.Module(readFileSync(generatedKernel('kernels.wasm')))
const native = loadNativeKernels()
const wasm = createWasmBackend(module)
const tables = [
  { table: 'wasm', backend: wasm, count: 3 },
  ...(typeof native === 'string'
    ? []
    : [{ table: 'native', backend: createWasmBackend(module, native), count: 2 }]),
]
const called = new Set<string>()

describe.each(tables)('$count members of a team on $table', ({ backend, count }) => {
  test.each(trainingCases)('never get into each other’s way: $name', (training) => {
    const alone = trainToEnd(trainerOf(training, wasm.open(training.plan.memoryBytes)))
    const checked = openChecked(backend, training.plan.memoryBytes, count)
    const hash = trainToEnd(trainerOf(training, checked.opened))

    expect([...checked.faults]).toEqual([])
    expect(hash).toBe(alone)
    for (const name of checked.called) called.add(name)
  })
})

test('the trainings meet every kernel', () => {
  // Rows are gathered by predictions alone, which are of one thread.
  const { name, numericsVersion, gatherRows, ...kernels } = wasm.open(1024).kernels

  expect(Object.keys(kernels).filter((each) => !called.has(each))).toEqual([])
})
