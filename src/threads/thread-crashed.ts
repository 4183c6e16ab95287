/** @file A task's thread died under it (exit, uncaught error, out of heap): nothing of it is left. */
export class ThreadCrashed extends Error {
  constructor(kind: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`The thread of a ${kind} task died: ${why}.`, { cause })
    this.name = 'ThreadCrashed'
  }
}
