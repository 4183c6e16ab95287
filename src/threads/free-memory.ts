/**
 * @file Gives the memory of ended jobs back. V8 does not see how large a shared WebAssembly memory is,
 * so it feels no need to collect one that nobody has any more: four jobs of 270 MB were 3.5 GB.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A collection takes some milliseconds: too long after each small job. */
const collectFromBytes = 64 * 1024 * 1024

let leftBytes = 0
let collect: (() => void) | undefined

/** To be called when a task that had opened so many bytes has ended. */
export function freeMemory(bytes: number): void {
  leftBytes += bytes
  if (leftBytes < collectFromBytes) return
  leftBytes = 0
  collect ??= exposeCollector()
  collect()
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
