import { expect, test } from 'vitest'

import {
  checkpointAsks,
  controlBytes,
  controlWords,
  type TakenCheckpoint,
} from '../../src/contract/tasks.ts'
import { createCheckpointer } from '../../src/threads/checkpointer.ts'
import { openControl } from '../../src/threads/control.ts'

function aCheckpointer({ every, step = 0 }: { every?: number; step?: number } = {}) {
  const memory = new SharedArrayBuffer(controlBytes)
  const words = new Int32Array(memory)
  const trainer = {
    step,
    epoch: 0,
    snapshotFiles: () => ({ weights: new Uint8Array(1), rest: new Uint8Array(1) }),
  }
  const taken: number[] = []
  const checkpointer = createCheckpointer({
    trainer,
    control: openControl(memory),
    every,
    send: ({ step: at }: TakenCheckpoint) => taken.push(at),
    describe: () => ({
      preprocessing: {
        version: 1,
        kind: 'text',
        tokenizer: 'characters',
        context: 1,
        characters: '',
      },
      planHash: '',
      numericsVersion: 3,
      metadata: {},
    }),
  })
  const ask = (name: keyof typeof checkpointAsks) => {
    words[controlWords.checkpoint] = checkpointAsks[name]
  }
  return { checkpointer, trainer, taken, ask, words }
}

test('one is taken where it was asked for, and no other before it is asked for again', () => {
  const { checkpointer, trainer, taken, ask } = aCheckpointer()
  for (trainer.step = 1; trainer.step <= 6; trainer.step++) {
    if (trainer.step === 3 || trainer.step === 5) ask('now')
    checkpointer.takeIfDue()
  }

  expect(taken).toEqual([3, 5])
})

test('by steps, it is taken at multiples while it is wanted, and slices end there', () => {
  const { checkpointer, trainer, taken, ask } = aCheckpointer({ every: 10 })
  ask('atMultiple')
  trainer.step = 4
  checkpointer.takeIfDue()
  expect(checkpointer.unitsUntilDue()).toBe(6)
  trainer.step = 10
  checkpointer.takeIfDue()
  expect(checkpointer.unitsUntilDue()).toBe(Number.POSITIVE_INFINITY)
  trainer.step = 20
  checkpointer.takeIfDue()
  ask('atMultiple')
  trainer.step = 30
  checkpointer.takeIfDue()

  expect(taken).toEqual([10, 30])
})

test('the step at which the run began has none, nor has one that has one already', () => {
  const { checkpointer, trainer, taken, ask } = aCheckpointer({ step: 7 })
  ask('now')
  checkpointer.takeIfDue()
  checkpointer.takeLast()
  trainer.step = 8
  checkpointer.takeLast()
  checkpointer.takeLast()

  expect(taken).toEqual([8])
})
