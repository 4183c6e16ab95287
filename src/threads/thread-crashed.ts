/**
 * @file A task's thread died under it (exit, uncaught error, out of heap), or the task met a defect:
 * nothing of it is left.
 */
export class ThreadCrashed extends Error {
  constructor(kind: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`The ${kind} task crashed its thread: ${why}.`, { cause })
    this.name = 'ThreadCrashed'
  }
}
