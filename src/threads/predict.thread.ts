/**
 * @file The predicting thread. One call answers for some raw rows, with the weights of one job.
 *
 * Decoded networks are kept, so that a second prediction with the same job starts at once. Rows that
 * do not fit come back as data, with a pointer at the cell.
 */
import type { Preprocessing } from '../contract/preprocessing.ts'
import type { PredictResult, PredictTask, TrainedModel } from '../contract/tasks.ts'
import { DataError } from '../data/data-error.ts'
import { decodePredictions } from '../data/preprocessing/decode-predictions.ts'
import { encodeRows } from '../data/preprocessing/encode-rows.ts'
import { createPredictor, decodeSafetensors, type Predictor } from '../engine/index.ts'
import { buildNetwork, type NetworkTask } from './build-model.ts'
import { createModelCache } from './model-cache.ts'
import { planPredictor } from './plan-predictor.ts'

/** Of each thread. What is kept here is in no plan, so it is little. */
const models = createModelCache<Predictor>({ maxBytes: 64 * 1024 * 1024, maxEntries: 64 })

export default function predict({ model, rows }: PredictTask): PredictResult {
  const { preprocessing } = model
  try {
    const inputs = encodeRows(preprocessing, rows)
    const outputs = models.get(model.jobId, () => load(model)).predict(inputs, rows.length)
    const predictions = decodePredictions(preprocessing, Float32Array.from(outputs), rows.length)
    return { outcome: 'predicted', predictions }
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return refused(error)
  }
}

function load({ spec, preprocessing, weights }: TrainedModel): { model: Predictor; bytes: number } {
  const { tensors } = decodeSafetensors(new Uint8Array(weights))
  const network = buildNetwork(spec.model, networkTaskOf(preprocessing))
  const inputShape = [preprocessing.inputs]
  const { maxRows, memoryBytes } = planPredictor(network, inputShape)
  const model = createPredictor({ network, inputShape, weights: tensors, maxRows })
  return { model, bytes: memoryBytes }
}

/** The task as it was resolved when the job was trained; its loss tells the last activation. */
function networkTaskOf({ target }: Preprocessing): NetworkTask {
  if (target.task === 'regression') {
    return { outputs: target.columns.length, lossName: 'mean_squared_error' }
  }
  const { outputs } = target
  return { outputs, lossName: outputs === 1 ? 'binary_cross_entropy' : 'categorical_cross_entropy' }
}

function refused({ message, row, column }: DataError): PredictResult {
  const path = [
    'rows',
    ...(row === undefined ? [] : [String(row - 1)]),
    ...(row === undefined || column === undefined ? [] : [column]),
  ]
  // RFC 6901: within a part, ~ is ~0 and / is ~1.
  const pointer = path
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
  const errors = [{ pointer, code: 'invalid_rows', detail: message }]
  return { outcome: 'refused', problem: { code: 'invalid_rows', detail: message, errors } }
}
