/** @file The kernels of sequences, a part of the table: norms, embeddings, positions, attention. */
import type { add } from './reference/add.ts'
import type { attentionBackward, attentionForward } from './reference/attention.ts'
import type { embeddingBackward, embeddingForward } from './reference/embedding.ts'
import type {
  layerNormBackwardInput,
  layerNormBackwardParameters,
  layerNormForward,
} from './reference/layer-norm.ts'
import type { addPositions, addPositionsBackward, fillSinusoids } from './reference/positions.ts'
import type {
  rmsNormBackwardInput,
  rmsNormBackwardWeight,
  rmsNormForward,
} from './reference/rms-norm.ts'
import type { fillRotaryAngles, rotaryBackward, rotaryForward } from './reference/rotary.ts'

export interface SequenceKernels {
  readonly add: typeof add
  readonly layerNormForward: typeof layerNormForward
  readonly layerNormBackwardInput: typeof layerNormBackwardInput
  readonly layerNormBackwardParameters: typeof layerNormBackwardParameters
  readonly rmsNormForward: typeof rmsNormForward
  readonly rmsNormBackwardInput: typeof rmsNormBackwardInput
  readonly rmsNormBackwardWeight: typeof rmsNormBackwardWeight
  readonly embeddingForward: typeof embeddingForward
  readonly embeddingBackward: typeof embeddingBackward
  readonly addPositions: typeof addPositions
  readonly addPositionsBackward: typeof addPositionsBackward
  readonly fillSinusoids: typeof fillSinusoids
  readonly fillRotaryAngles: typeof fillRotaryAngles
  readonly rotaryForward: typeof rotaryForward
  readonly rotaryBackward: typeof rotaryBackward
  readonly attentionForward: typeof attentionForward
  readonly attentionBackward: typeof attentionBackward
}
