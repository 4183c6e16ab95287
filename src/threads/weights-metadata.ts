/**
 * @file What stands in the header of a weights file beside the tensors: all that it takes to use them
 * without this service. safetensors allows strings only, so the rest is JSON within them.
 */
import type { Preprocessing } from '../contract/preprocessing.ts'
import { featuresOf, type Spec } from '../contract/spec/spec.ts'
import { imagePreprocessing } from '../data/preprocessing/image-preprocessing.ts'
import { widestFeature, widestTarget } from '../data/preprocessing/widest-preprocessing.ts'
import type { Task } from '../data/resolve.ts'
import type { TabularTask } from '../data/resolve-table.ts'
import type { TextTask } from '../data/resolve-text.ts'

/**
 * A header may have 1 MiB, and the names and shapes of 512 tensors need some of it. Preprocessing of
 * thousands of columns or categories can be larger: then it is left out here and says where it is.
 */
const maxPreprocessingBytes = 512 * 1024

export function weightsMetadata(
  spec: Spec,
  preprocessing: Preprocessing,
  numericsVersion: number,
): Record<string, string> {
  const full = fullMetadata(spec, preprocessing, numericsVersion)
  if (jsonBytes(full) <= maxPreprocessingBytes) return full
  const base = baseOf(spec, preprocessing, numericsVersion)
  return { ...base, preprocessing_omitted: 'larger than 512 KiB; GET the job for it' }
}

/** How many bytes of a header `weightsMetadata` takes at most, known before anything is fitted. */
export function weightsMetadataBytes(spec: Spec, task: Task, numericsVersion: number): number {
  switch (task.kind) {
    case 'table':
      return tableMetadataBytes(spec, task, numericsVersion)
    case 'text':
      return textMetadataBytes(spec, task, numericsVersion)
    case 'images':
      return jsonBytes(fullMetadata(spec, imagePreprocessing(task), numericsVersion))
    default:
      return task satisfies never
  }
}

function tableMetadataBytes(spec: Spec, task: TabularTask, numericsVersion: number): number {
  const { scaling, target_scaling: targetScaling, image } = featuresOf(spec)
  const rest: Preprocessing = {
    version: 1,
    inputs: task.inputs,
    features: [],
    ...(image ? { shape: [...task.inputShape] } : {}),
    target: widestTarget(task, targetScaling),
  }
  let bytes = jsonBytes(fullMetadata(spec, rest, numericsVersion))
  for (const feature of task.features) {
    // Ten thousand columns are not spelled out: beyond the limit none of them is written.
    if (bytes > maxPreprocessingBytes) break
    bytes += jsonBytes(`${JSON.stringify(widestFeature(feature, scaling))},`) - quotes
  }
  return Math.min(bytes, maxPreprocessingBytes)
}

/** Of a character in JSON within JSON: a quote is four bytes, a control character seven. */
const characterBytes = 7

function textMetadataBytes(spec: Spec, task: TextTask, numericsVersion: number): number {
  const [context] = task.inputShape
  const rest: Preprocessing = {
    version: 1,
    kind: 'text',
    tokenizer: 'characters',
    context,
    characters: '',
  }
  const bytes = jsonBytes(fullMetadata(spec, rest, numericsVersion)) + task.outputs * characterBytes
  return Math.min(bytes, maxPreprocessingBytes)
}

/** Around a text, once it is JSON. */
const quotes = 2

/** Stringified once more, as in the header: quotes within quotes are escaped. */
function jsonBytes(metadata: Readonly<Record<string, string>> | string): number {
  return Buffer.byteLength(JSON.stringify(metadata))
}

function baseOf(spec: Spec, preprocessing: Preprocessing, numericsVersion: number) {
  return {
    format: 'trainyard',
    spec_version: String(spec.version),
    numerics_version: String(numericsVersion),
    task: taskOf(preprocessing).name,
  }
}

function fullMetadata(
  spec: Spec,
  preprocessing: Preprocessing,
  numericsVersion: number,
): Record<string, string> {
  const { classes } = taskOf(preprocessing)
  return {
    ...baseOf(spec, preprocessing, numericsVersion),
    ...(classes ? { classes: JSON.stringify(classes) } : {}),
    preprocessing: JSON.stringify(preprocessing),
  }
}

interface LearnedTask {
  readonly name: string
  readonly classes?: readonly string[]
}

function taskOf(preprocessing: Preprocessing): LearnedTask {
  if ('characters' in preprocessing) return { name: 'language_modeling' }
  const { target } = preprocessing
  return target.task === 'classification'
    ? { name: target.task, classes: target.classes }
    : { name: target.task }
}
