/** @file A thread's view of its control block: what its owner asks, and the sign that it lives. */
import { checkpointAsks, controlSignals, controlWords } from '../contract/tasks.ts'

export type Signal = keyof typeof controlSignals
export type CheckpointAsk = keyof typeof checkpointAsks

export interface Control {
  /** What was asked until now. A later signal replaces an earlier one. */
  signal(): Signal
  /** Cheap enough to be asked in the middle of a step. */
  isInterrupted(): boolean
  tick(): void
  /** Another thread of this job has died. */
  isBroken(): boolean
  /** When a checkpoint is wanted. */
  checkpointAsk(): CheckpointAsk
  /** One was taken: no other before it is asked for. */
  answerCheckpoint(): void
}

export function openControl(memory: SharedArrayBuffer): Control {
  const words = new Int32Array(memory)
  return {
    signal: () => nameOf(Atomics.load(words, controlWords.signal)),
    isInterrupted: () => Atomics.load(words, controlWords.signal) !== controlSignals.none,
    tick: () => {
      Atomics.add(words, controlWords.heartbeat, 1)
    },
    isBroken: () => Atomics.load(words, controlWords.broken) !== 0,
    checkpointAsk: () => askOf(Atomics.load(words, controlWords.checkpoint)),
    answerCheckpoint: () => {
      Atomics.store(words, controlWords.checkpoint, checkpointAsks.none)
    },
  }
}

/** The word that the engine counts its layers in. */
export function heartbeatOf(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, controlWords.heartbeat * Int32Array.BYTES_PER_ELEMENT, 1)
}

function nameOf(value: number): Signal {
  switch (value) {
    case controlSignals.stop:
      return 'stop'
    case controlSignals.cancel:
      return 'cancel'
    case controlSignals.release:
      return 'release'
    case controlSignals.pause:
      return 'pause'
    default:
      return 'none'
  }
}

function askOf(value: number): CheckpointAsk {
  if (value === checkpointAsks.now) return 'now'
  return value === checkpointAsks.atMultiple ? 'atMultiple' : 'none'
}
