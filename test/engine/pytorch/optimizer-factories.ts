/** @file The optimizers by the names that the golden files give them. */
import {
  adam,
  adamw,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  sgd,
} from '../../../src/engine/index.ts'

export const optimizerFactories: Readonly<Record<string, (options?: object) => Optimizer>> = {
  sgd,
  momentum,
  nesterov,
  adam,
  adamw,
  rmsprop,
}
