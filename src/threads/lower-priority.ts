/**
 * @file A thread that trains steps back, so that the event loops (API, claims, lease renewals) get
 * the processor first when every core trains.
 *
 * On Linux a priority belongs to a thread, not to its process. Elsewhere, or where a sandbox forbids
 * it, all threads stay equal: slower answers under load, nothing worse. It cannot be taken back
 * without privileges, so a thread that has trained stays low.
 */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of -20 (first) to 19 (last): at 10 a thread gets about a tenth of what one at 0 gets. */
const niceness = 10

let lowered = false

export function lowerPriority(): void {
  if (lowered || process.platform !== 'linux') return
  lowered = true
  try {
    // "<pid>/task/<tid>", of the thread that makes the call.
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(threadId, niceness)
  } catch {
    // No /proc, or not allowed.
  }
}
