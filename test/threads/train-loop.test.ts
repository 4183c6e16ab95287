import { expect, test } from 'vitest'

import { controlBytes, controlSignals, controlWords } from '../../src/contract/tasks.ts'
import type { TrainingReport } from '../../src/engine/index.ts'
import { openControl } from '../../src/threads/control.ts'
import { createProgressSender } from '../../src/threads/progress-sender.ts'
import { trainUntilTheEnd } from '../../src/threads/train-loop.ts'

/** A trainer of 100 steps that takes no time; `onRun` may do something before each slice. */
function aRun(
  onRun: (words: Int32Array, isLast: boolean) => void = () => {},
  checkpointer = { takeIfDue() {}, unitsUntilDue: () => Number.POSITIVE_INFINITY },
) {
  const memory = new SharedArrayBuffer(controlBytes)
  const words = new Int32Array(memory)
  const sender = createProgressSender(
    () => {},
    () => 0,
  )
  let step = 0
  const slices: number[] = []
  const run = (maxUnits: number): TrainingReport => {
    onRun(words, step + maxUnits >= 100)
    slices.push(maxUnits)
    step = Math.min(100, step + maxUnits)
    const points = [{ name: 'loss', step, value: 1 } as const]
    const finished = step === 100
    return { finished, stoppedEarly: false, aborted: false, points, step, epoch: 0, best: null }
  }
  const control = openControl(memory)
  return {
    words,
    sender,
    slices,
    go: () => trainUntilTheEnd({ run }, control, sender, checkpointer),
  }
}

test('goes on until the trainer has finished, and hands over every slice', () => {
  const { go, sender, slices } = aRun()

  expect(go()).toMatchObject({ by: 'finished', report: { step: 100 } })
  expect(sender.position()).toEqual({ step: 100, epoch: 0 })
  expect(slices[0]).toBe(1)
})

test.each(['stop', 'cancel', 'release', 'pause'] as const)(
  'ends after the slice in which %s came',
  (name) => {
    const { go, sender } = aRun((words) => {
      words[controlWords.signal] = controlSignals[name]
    })

    expect(go()).toEqual({ by: name })
    expect(sender.position().step).toBe(1)
  },
)

test('computes nothing when the signal was there before', () => {
  const { go, words, slices } = aRun()
  words[controlWords.signal] = controlSignals.cancel

  expect(go()).toEqual({ by: 'cancel' })
  expect(slices).toEqual([])
})

test('a signal that comes with the last slice comes too late', () => {
  const { go } = aRun((words, isLast) => {
    if (isLast) words[controlWords.signal] = controlSignals.stop
  })

  expect(go()).toMatchObject({ by: 'finished' })
})

test('looks for a checkpoint before each slice, which ends where one is due', () => {
  let looks = 0
  const checkpointer = { takeIfDue: () => void looks++, unitsUntilDue: () => 3 }
  const { go, slices } = aRun(() => {}, checkpointer)
  go()

  expect(looks).toBe(slices.length)
  expect(Math.max(...slices)).toBe(3)
})
