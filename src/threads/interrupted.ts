/** @file Thrown where a training thread works at data and its owner asks it to end. */
import type { Signal } from './control.ts'

/** A stop waits until there are weights. */
export type Interruption = Exclude<Signal, 'none' | 'stop'>

export class Interrupted extends Error {
  readonly signal: Interruption

  constructor(signal: Interruption) {
    super(`The thread was asked to ${signal}.`)
    this.name = 'Interrupted'
    this.signal = signal
  }
}
