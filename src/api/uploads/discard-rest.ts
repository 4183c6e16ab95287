/**
 * @file What is left of a body that was refused in the middle.
 *
 * Many clients look for an answer only when they have sent everything, and closing the connection
 * under them would take the answer away. So the rest is read and dropped, for a while.
 */
import { finished, type Readable } from 'node:stream'

const lingerMs = 30_000

export function discardRest(payload: Readable): void {
  if (payload.readableEnded || payload.destroyed) return
  const timer = setTimeout(() => payload.destroy(), lingerMs).unref()
  finished(payload, () => clearTimeout(timer)) // or the client went away, as it may
  payload.unpipe()
  payload.resume()
}
