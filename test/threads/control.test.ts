import { expect, test } from 'vitest'

import { controlBytes, controlSignals, controlWords } from '../../src/contract/tasks.ts'
import { openControl } from '../../src/threads/control.ts'

function aControl() {
  const memory = new SharedArrayBuffer(controlBytes)
  return { control: openControl(memory), words: new Int32Array(memory) }
}

test.each(['none', 'stop', 'cancel', 'release', 'pause'] as const)(
  'reads the signal %s',
  (signal) => {
    const { control, words } = aControl()
    words[controlWords.signal] = controlSignals[signal]

    expect(control.signal()).toBe(signal)
    expect(control.isInterrupted()).toBe(signal !== 'none')
  },
)

test('each tick is one heartbeat', () => {
  const { control, words } = aControl()
  control.tick()
  control.tick()

  expect(words[controlWords.heartbeat]).toBe(2)
})
