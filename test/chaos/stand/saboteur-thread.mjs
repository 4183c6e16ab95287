/**
 * @file Loaded into every thread of a program under test. A thread dies when it reports progress while
 * it is armed, or when it is given a job whose seed is that of poison.
 */
import process from 'node:process'
import { getEnvironmentData, MessagePort } from 'node:worker_threads'

import { jumpWith, poisonSeed, ways } from './sabotage.mjs'

const shared = getEnvironmentData('chaos')
const armed = new Int32Array(shared, 0, 1)
jumpWith(new Float64Array(shared, 8, 1))

const { postMessage, on } = MessagePort.prototype

MessagePort.prototype.postMessage = function (...args) {
  const way = ways[Atomics.exchange(armed, 0, 0)]
  if (way === 'exit') process.exit(1)
  if (way === 'throw') throw new Error('The saboteur threw this.')
  return postMessage.apply(this, args)
}

MessagePort.prototype.on = function (event, listener) {
  if (event !== 'message') return on.call(this, event, listener)
  return on.call(this, event, (message) => {
    if (message?.task?.spec?.training?.seed === poisonSeed) process.exit(1)
    return listener(message)
  })
}
