/** @file How long what a finished job leaves behind is kept. Its result, the weights, is not part of it. */
export interface RetentionPolicy {
  /** After the end of their job; null keeps them for ever. */
  readonly checkpointDays: number | null
  /** Losses and events, after the end of their job; null keeps them for ever. */
  readonly historyDays: number | null
}
