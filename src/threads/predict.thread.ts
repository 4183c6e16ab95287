/**
 * @file The predicting thread. One call answers for some raw rows, with the weights of one job.
 *
 * Decoded networks are kept, so that a second prediction with the same job starts at once. Rows that
 * do not fit come back as data, with a pointer at the cell. The answer is written as JSON here.
 */
import type { Prediction, PredictResponse, PredictRow } from '../contract/predictions.ts'
import type { PredictResult, PredictTask, TrainedModel } from '../contract/tasks.ts'
import { DataError } from '../data/data-error.ts'
import { inputShapeOf } from '../data/input-shape.ts'
import { decodePredictions } from '../data/preprocessing/decode-predictions.ts'
import { encodeImages } from '../data/preprocessing/encode-images.ts'
import { encodeRows } from '../data/preprocessing/encode-rows.ts'
import { createPredictor, decodeSafetensors, EngineError } from '../engine/index.ts'
import { buildNetwork, type NetworkTask } from './build-model.ts'
import { createModelCache } from './model-cache.ts'
import { planPredictor } from './plan-predictor.ts'
import { type LoadedNetwork, predictTexts } from './predict-texts.ts'
import { kernelsOfThread } from './thread-kernels.ts'
import { withoutCopy } from './without-copy.ts'

const utf8 = new TextEncoder()

/** Of each thread. What is kept here is in no plan, so it is little. */
const models = createModelCache<LoadedNetwork>({ maxBytes: 64 * 1024 * 1024, maxEntries: 64 })

/** Returns a PredictResult. */
export default function predict({ model, rows }: PredictTask): unknown {
  try {
    const answer: PredictResponse = { object: 'predictions', data: predictionsOf(model, rows) }
    const json = utf8.encode(JSON.stringify(answer))
    return withoutCopy({ outcome: 'predicted', json } satisfies PredictResult, json)
  } catch (error) {
    if (error instanceof DataError) return refused(error)
    // Such as a token that the network has no embedding for.
    const isData = error instanceof EngineError && error.code === 'invalid_data'
    if (isData) return refused(new DataError(error.message))
    throw error
  }
}

/** Rows are read first: what is wrong with them needs no network. */
function predictionsOf(model: TrainedModel, rows: readonly PredictRow[]): Prediction[] {
  const { preprocessing } = model
  const network = () => models.get(model.jobId, () => load(model))
  if ('characters' in preprocessing) return predictTexts(preprocessing, rows, network)
  const inputs =
    'kind' in preprocessing ? encodeImages(preprocessing, rows) : encodeRows(preprocessing, rows)
  const outputs = network().predictor.predict(inputs, rows.length)
  return decodePredictions(preprocessing.target, Float32Array.from(outputs), rows.length)
}

function load(model: TrainedModel): { model: LoadedNetwork; bytes: number } {
  const task = taskOf(model)
  const { inputShape } = task
  const network = buildNetwork(model.spec.model, task)
  const { tensors: weights } = decodeSafetensors(new Uint8Array(model.weights))
  const { maxRows, memoryBytes } = planPredictor(network, inputShape)
  const { backend } = kernelsOfThread()
  const predictor = createPredictor({ network, inputShape, weights, maxRows, backend })
  return { model: { predictor, maxRows }, bytes: memoryBytes }
}

/** As it was resolved when the job was trained; the loss tells the last activation. */
function taskOf({ preprocessing, spec }: TrainedModel): NetworkTask {
  if ('characters' in preprocessing) {
    const { context, characters } = preprocessing
    const outputs = [...characters].length
    return { inputShape: [context], outputs, lossName: 'categorical_cross_entropy' }
  }
  const { target } = preprocessing
  const inputShape =
    'kind' in preprocessing
      ? inputShapeOf(preprocessing.shape, spec.model)
      : (preprocessing.shape ?? [preprocessing.inputs])
  if (target.task === 'regression') {
    return { inputShape, outputs: target.columns.length, lossName: 'mean_squared_error' }
  }
  const { outputs } = target
  const lossName = outputs === 1 ? 'binary_cross_entropy' : 'categorical_cross_entropy'
  return { inputShape, outputs, lossName }
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
