import { expect, test } from 'vitest'

import type { TakenCheckpoint, TrainProgress } from '../../src/contract/tasks.ts'
import { createProgressSender } from '../../src/threads/progress-sender.ts'

function aSender() {
  const posted: TrainProgress[] = []
  const clock = { ms: 0 }
  const sender = createProgressSender(
    (progress) => posted.push(progress),
    () => clock.ms,
  )
  return { sender, posted, clock }
}

const point = (step: number) => ({ name: 'loss', step, value: 1 / step })

test('sends at most one message in 100 ms, with all points since the last, in order', () => {
  const { sender, posted, clock } = aSender()
  for (let step = 1; step <= 1000; step++) {
    clock.ms += 1
    sender.report({ step: step, epoch: 0 }, [point(step)])
  }
  sender.flush()

  expect(posted).toHaveLength(10)
  expect(posted.flatMap(({ points }) => points.map(({ step }) => step))).toEqual(
    Array.from({ length: 1000 }, (_, index) => index + 1),
  )
})

test('tells how far it is even when there is no new point', () => {
  const { sender, posted, clock } = aSender()
  clock.ms = 100
  sender.report({ step: 7, epoch: 2 }, [])

  expect(posted).toEqual([{ step: 7, epoch: 2, points: [] }])
})

test('a flush with nothing new sends nothing', () => {
  const { sender, posted } = aSender()
  sender.report({ step: 1, epoch: 1 }, [point(1)])
  sender.flush()
  sender.flush()

  expect(posted).toEqual([{ step: 1, epoch: 1, points: [point(1)] }])
})

test('knows where training stands', () => {
  const { sender } = aSender()
  expect(sender.position()).toEqual({ step: 0, epoch: 0 })

  sender.report({ step: 2, epoch: 1 }, [point(2)])

  expect(sender.position()).toEqual({ step: 2, epoch: 1 })
})

test('a checkpoint goes with the points up to its step, and none of them comes after it', () => {
  const { sender, posted } = aSender()
  const checkpoint = { step: 1, epoch: 0 } as TakenCheckpoint
  sender.report({ step: 1, epoch: 0 }, [point(1)])
  sender.send(checkpoint)
  sender.flush()

  expect(posted).toEqual([{ step: 1, epoch: 0, points: [point(1)], checkpoint }])
})
