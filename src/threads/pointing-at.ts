/** @file What the engine refuses is the fault of the part of the spec that it was built from. */
import { SpecError } from '../data/spec-error.ts'
import { EngineError } from '../engine/index.ts'

export function pointingAt<T>(pointer: string, build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new SpecError([{ pointer, code: error.code, detail: error.message }])
  }
}
