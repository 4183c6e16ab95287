/**
 * @file A thread that stumbles: it rests before some of its calls, so that the others run ahead of it as
 * far as they can. Where they must wait for it and do not, the bits tell.
 */
import { createRandomStream } from '../../../src/engine/index.ts'

/** Milliseconds: longer than most kernels take on what the tests compute. */
const longest = 0.4
const share = 0.1

const nothing = new Int32Array(new SharedArrayBuffer(4))

/** The same functions, some calls of which come late. */
export function stumbling<Functions extends object>(functions: Functions, seed: number): Functions {
  const { uniform } = createRandomStream(seed, 'dropout')
  let calls = 0
  const late = ([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [name, value]
    const call = (...args: unknown[]) => {
      const drawn = uniform(calls)
      calls += 1
      if (drawn < share) Atomics.wait(nothing, 0, 0, (longest * drawn) / share)
      return value(...args)
    }
    return [name, call]
  }
  return Object.fromEntries(Object.entries(functions).map(late))
}
