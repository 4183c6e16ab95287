/** @file Thrown where a training thread reads data and its owner asks it to end: cancel or release. */
export class Interrupted extends Error {
  readonly signal: 'cancel' | 'release'

  constructor(signal: 'cancel' | 'release') {
    super(`The thread was asked to ${signal}.`)
    this.name = 'Interrupted'
    this.signal = signal
  }
}
