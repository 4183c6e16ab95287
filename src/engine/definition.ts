/**
 * @file How a layer, loss, optimizer or schedule describes itself: its type and options, as data.
 *
 * Two plans are the same when their definitions are. It is not a specification to build from.
 */
export interface Definition {
  readonly type: string
  readonly [option: string]: DefinitionValue
}

export type DefinitionValue =
  | string
  | number
  | boolean
  | null
  | Definition
  | readonly DefinitionValue[]
