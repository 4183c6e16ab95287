/** @file The pool was asked to stop before the task could run, or end. */
export class PoolStopped extends Error {
  constructor() {
    super('The thread pool is stopping and takes no more tasks.')
    this.name = 'PoolStopped'
  }
}
