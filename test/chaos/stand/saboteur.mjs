/**
 * @file Loaded into a program under test with `--import`, before the program itself: it does to the
 * process what cannot be done from outside, when the test says so over the process's own channel.
 *
 * The program has no hook for this. A thread is ended by `terminate`, which may hit it anywhere; or by
 * what saboteur-thread.mjs does inside of it. The clock that jumps is Date, of all threads: a change of
 * the system's time leaves the monotonic clock alone too.
 */
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'
import workerThreads from 'node:worker_threads'

import { jumpWith, ways } from './sabotage.mjs'

const shared = new SharedArrayBuffer(16)
const armed = new Int32Array(shared, 0, 1)
const offsetMs = new Float64Array(shared, 8, 1)
workerThreads.setEnvironmentData('chaos', shared)
jumpWith(offsetMs)

const threads = new Set()
const inThread = ['--import', new URL('./saboteur-thread.mjs', import.meta.url).href]

workerThreads.Worker = class extends workerThreads.Worker {
  constructor(file, options = {}) {
    super(file, { ...options, execArgv: [...(options.execArgv ?? []), ...inThread] })
    threads.add(this)
    this.once('exit', () => threads.delete(this))
  }
}
syncBuiltinESMExports()

const orders = {
  /** Ends the n-th thread wherever it is. */
  terminate: ({ n }) => [...threads].at(n % threads.size)?.terminate(),
  /** The next thread that reports progress dies of it. */
  arm: ({ how }) => Atomics.store(armed, 0, ways.indexOf(how)),
  clock: ({ ms }) => {
    offsetMs[0] = ms
  },
}

process.on('message', ({ id, order, ...details }) => {
  orders[order](details)
  process.send?.({ id })
})
// The channel alone must not keep a program alive that has stopped.
process.channel?.unref()
