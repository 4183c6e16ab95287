/**
 * @file From the images of a training task to rows of pixels. Bytes stay bytes: they are scaled when a
 * batch is made. Without a split they are read where they lie.
 */
import type { Spec } from '../contract/spec/spec.ts'
import type { DatasetFile, TrainTask } from '../contract/tasks.ts'
import { DataError } from '../data/data-error.ts'
import { type Images, readImages } from '../data/images/read-images.ts'
import { imagePreprocessing } from '../data/preprocessing/image-preprocessing.ts'
import type { ImageTask } from '../data/resolve-images.ts'
import { splitRows } from '../data/split.ts'
import { sizeOf } from '../data/task.ts'
import type { EncodedRows, Preparation, PreparedData } from './prepared-data.ts'

type ImagePreparation = Preparation<ImageTask>

export function prepareImages(task: TrainTask, preparation: ImagePreparation): PreparedData {
  const preprocessing = imagePreprocessing(preparation.resolved)
  const whole = readFile(task.training, preparation)
  const other = task.validation && readFile(task.validation, preparation)
  const parts = preparation.resolved.isSplit ? split(whole, task.spec, preparation) : null
  const encode = ({ pixels, labels }: Images): EncodedRows => ({
    rows: labels.length,
    inputs: { values: pixels, scale: preprocessing.scale },
    targets: { values: labels },
  })
  return {
    preprocessing,
    training: encode(parts?.training ?? whole),
    validation: parts ? encode(parts.validation) : other && encode(other),
  }
}

/** With the number of its class for the label of each image. */
function readFile(file: DatasetFile, { resolved, onProgress }: ImagePreparation): Images {
  if (file.profile.kind !== 'images') throw new DataError('The dataset is not images.')
  const { pixels, labels } = readImages(new Uint8Array(file.bytes), file.profile)
  const codeOf = new Uint8Array(256)
  for (const [code, label] of resolved.classes.entries()) codeOf[Number(label)] = code
  onProgress()
  return { pixels, labels: Uint8Array.from(labels, (label) => codeOf[label]) }
}

function split(
  images: Images,
  { training: { validation } }: Spec,
  { resolved, permutation, onProgress }: ImagePreparation,
): { training: Images; validation: Images } {
  if (!validation || 'dataset' in validation) throw new Error('Nothing is to be held out.')
  const rows = images.labels.length
  const parts = splitRows({
    rows,
    fraction: validation.fraction,
    classes: validation.stratify ? Int32Array.from(images.labels) : undefined,
    permutation: permutation(rows),
  })
  onProgress()
  const training = pick(images, parts.training, sizeOf(resolved.shape))
  onProgress()
  return { training, validation: pick(images, parts.validation, sizeOf(resolved.shape)) }
}

function pick({ pixels, labels }: Images, rows: Uint32Array, size: number): Images {
  const picked = new Uint8Array(rows.length * size)
  for (const [n, row] of rows.entries()) {
    picked.set(pixels.subarray(row * size, (row + 1) * size), n * size)
  }
  return { pixels: picked, labels: Uint8Array.from(rows, (row) => labels[row]) }
}
