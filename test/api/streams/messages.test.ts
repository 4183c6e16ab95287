import { expect, test } from 'vitest'

import { joinLosses, toMessage } from '../../../src/api/streams/messages.ts'
import type { JobEvent } from '../../../src/contract/events.ts'

const at = '2026-01-01T00:00:00.000Z'
const progress = (step: number) => ({ step, steps: 9, epoch: 0, epochs: 1, eta_seconds: null })
const loss = (seq: number, ...steps: number[]): JobEvent => ({
  seq,
  type: 'loss',
  at,
  data: {
    progress: progress(steps.at(-1) ?? 0),
    points: steps.map((step) => ({ name: 'loss', step, value: 1 })),
  },
})
const log = (seq: number): JobEvent => ({
  seq,
  type: 'log',
  at,
  data: { level: 'info', message: 'line\nbreak' },
})

test('losses that follow each other become one message, under the last number, with every point', () => {
  const joined = joinLosses([loss(1, 1, 2), loss(2, 3), log(3), loss(4, 4)])

  expect(joined).toEqual([loss(2, 1, 2, 3), log(3), loss(4, 4)])
})

test('a message of losses does not grow without end', () => {
  const many = Array.from({ length: 1_500 }, (_, i) => i)

  expect(joinLosses([loss(1, ...many), loss(2, ...many)])).toHaveLength(2)
})

test('a message is one id, one event and one line of data', () => {
  const lines = toMessage(log(3)).toString().split('\n')

  expect(lines).toEqual([
    'id: 3',
    'event: log',
    `data: {"at":"${at}","level":"info","message":"line\\nbreak"}`,
    '',
    '',
  ])
})
