/** @file Training tasks, as a worker makes them, and what came out of their ports. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { RawPoint } from '../../../src/contract/losses.ts'
import { unpackProgress } from '../../../src/contract/packed-progress.ts'
import type { Spec } from '../../../src/contract/spec/spec.ts'
import {
  controlBytes,
  controlSignals,
  controlWords,
  type DatasetFile,
  type TrainProgress,
  type TrainTask,
} from '../../../src/contract/tasks.ts'

export interface PreparedTask {
  readonly task: TrainTask
  readonly progress: MessagePort
  /** As a worker does: stores the signal and goes on. */
  signal(name: keyof typeof controlSignals): void
  heartbeat(): number
  /** Everything that came through the port until now. */
  messages(): TrainProgress[]
}

export function prepareTask(
  spec: Spec,
  training: DatasetFile,
  validation: DatasetFile | null = null,
): PreparedTask {
  const { port1: progress, port2: threadPort } = new MessageChannel()
  const control = new SharedArrayBuffer(controlBytes)
  const words = new Int32Array(control)
  const received: TrainProgress[] = []
  return {
    task: { spec, training, validation, control, bytes: 0, progress: threadPort },
    progress,
    signal: (name) => Atomics.store(words, controlWords.signal, controlSignals[name]),
    heartbeat: () => Atomics.load(words, controlWords.heartbeat),
    messages() {
      for (;;) {
        const next = receiveMessageOnPort(progress)
        if (!next) return received
        received.push(unpackProgress(next.message))
      }
    },
  }
}

export function pointsOf(messages: readonly TrainProgress[], name: string): RawPoint[] {
  return messages.flatMap(({ points }) => points.filter((point) => point.name === name))
}
