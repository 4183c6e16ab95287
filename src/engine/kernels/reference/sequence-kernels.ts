/** @file The reference kernels of sequences, for the table. */
import type { SequenceKernels } from '../sequence-kernels.ts'
import { add } from './add.ts'
import { attentionBackward, attentionForward } from './attention.ts'
import { embeddingBackward, embeddingForward } from './embedding.ts'
import {
  layerNormBackwardInput,
  layerNormBackwardParameters,
  layerNormForward,
} from './layer-norm.ts'
import { addPositions, addPositionsBackward, fillSinusoids } from './positions.ts'
import { rmsNormBackwardInput, rmsNormBackwardWeight, rmsNormForward } from './rms-norm.ts'
import { fillRotaryAngles, rotaryBackward, rotaryForward } from './rotary.ts'

export const sequenceKernels: SequenceKernels = {
  add,
  layerNormForward,
  layerNormBackwardInput,
  layerNormBackwardParameters,
  rmsNormForward,
  rmsNormBackwardInput,
  rmsNormBackwardWeight,
  embeddingForward,
  embeddingBackward,
  addPositions,
  addPositionsBackward,
  fillSinusoids,
  fillRotaryAngles,
  rotaryForward,
  rotaryBackward,
  attentionForward,
  attentionBackward,
}
