/**
 * @file The one error the engine throws on purpose, and its codes.
 *
 * A code never changes once released. The message says what was expected, what came, where, and
 * what to do. Anything else that leaves the engine is a defect of the engine.
 */
export type EngineErrorCode =
  /** The caller asked to stop by way of `aborted()`; nothing was changed. */
  | 'aborted'
  /** A layer, loss, optimizer, schedule or training option that cannot work. */
  | 'invalid_definition'
  /** Training data of the wrong length or type, or with values that the loss cannot use. */
  | 'invalid_data'
  | 'invalid_safetensors'
  | 'loss_not_finite'
  /** The memory handed in cannot hold the plan. */
  | 'memory_too_small'
  /** A layer was given a shape that it cannot take. */
  | 'shape_mismatch'
  /** A snapshot of another plan, or of another numerics version. */
  | 'snapshot_mismatch'
  /** A thread of the job ended before the job did. */
  | 'team_broken'
  /** Weights whose names or shapes are not those of the network. */
  | 'weights_mismatch'

export interface ErrorSubject {
  readonly step?: number
  readonly option?: string
}

export class EngineError extends Error {
  readonly code: EngineErrorCode
  /** The step at which it happened, counted from 1; only for `loss_not_finite`. */
  readonly step: number | undefined
  /** The option to change, where it is one. */
  readonly option: string | undefined

  constructor(code: EngineErrorCode, message: string, about: ErrorSubject = {}) {
    super(message)
    this.name = 'EngineError'
    this.code = code
    this.step = about.step
    this.option = about.option
  }
}
