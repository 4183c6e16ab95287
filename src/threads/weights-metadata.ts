/**
 * @file What stands in the header of a weights file beside the tensors: all that it takes to use them
 * without this service. safetensors allows strings only, so the rest is JSON within them.
 */
import type { Preprocessing } from '../contract/preprocessing.ts'
import type { Spec } from '../contract/spec/spec.ts'

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
  const task = taskOf(preprocessing)
  const base = {
    format: 'trainyard',
    spec_version: String(spec.version),
    numerics_version: String(numericsVersion),
    task: task.name,
  }
  const full = {
    ...base,
    ...(task.classes ? { classes: JSON.stringify(task.classes) } : {}),
    preprocessing: JSON.stringify(preprocessing),
  }
  // Stringified once more, as in the header: quotes within quotes are escaped.
  if (new TextEncoder().encode(JSON.stringify(full)).length <= maxPreprocessingBytes) return full
  return { ...base, preprocessing_omitted: 'larger than 512 KiB; GET the job for it' }
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
