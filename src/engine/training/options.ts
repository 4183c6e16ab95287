/** @file What can be said about a training job, before any data or memory is there. */
import type { Layer } from '../layers/layer.ts'
import type { Loss } from '../losses/loss.ts'
import type { Dtype } from '../memory/float-array.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Schedule } from '../schedules/schedule.ts'
import type { Shape } from '../shape.ts'

export interface TrainingOptions {
  /** A layer, usually a `sequential`. It ends in the activation that the loss asks for. */
  readonly network: Layer
  /** The shape of one row of the inputs. */
  readonly inputShape: Shape
  readonly trainingRows: number
  /** 0 when not given: no validation. */
  readonly validationRows?: number
  readonly loss: Loss
  readonly optimizer: Optimizer
  readonly learningRate: number
  /** Constant when not given. */
  readonly schedule?: Schedule
  /** At most trainingRows; more is taken as all of them. The last batch of an epoch may be smaller. */
  readonly batchSize: number
  /**
   * Batches that make one step, by the mean gradient of all their rows; the last step of an epoch may
   * have fewer. Takes the memory of one batch. 1 when not given.
   */
  readonly gradientAccumulation?: number
  /** Either epochs or steps. */
  readonly epochs?: number
  readonly steps?: number
  /** An integer from 0 to 2^53 - 1. */
  readonly seed: number
  /** True when not given. A batch of all rows is never shuffled: it would change nothing but bits. */
  readonly shuffle?: boolean
  /** Gradients longer than this, all parameters taken together, are scaled down to it. */
  readonly clipNorm?: number
  readonly earlyStopping?: EarlyStoppingOptions
  /**
   * Steps from one reported loss to the next. When not given, chosen for at most 2,000 points, and fewer,
   * down to 250, for jobs of less than 4e9 operations.
   */
  readonly reportEvery?: number
  /** float32 when not given. */
  readonly dtype?: Dtype
  /**
   * Bytes of all rows and targets as they are handed over; as many as for floats, row after row, when
   * not given. It has no say in what is computed.
   */
  readonly dataBytes?: number
}

export interface EarlyStoppingOptions {
  /** validation_loss when there is validation, loss otherwise. Read at the end of each epoch. */
  readonly monitor?: MetricName
  /** Epochs without improvement after which training ends. */
  readonly patience: number
  /** What counts as an improvement is more than this; 0 when not given. */
  readonly minDelta?: number
  /** Ends with the weights of the best epoch; false when not given. */
  readonly restoreBest?: boolean
}

export type MetricName = 'loss' | 'accuracy' | 'validation_loss' | 'validation_accuracy'
