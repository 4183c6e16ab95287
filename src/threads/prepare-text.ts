/** @file From the texts of a training task to tokens, and to the windows of them that are its rows. */
import type { TextPreprocessing } from '../contract/preprocessing.ts'
import type { TrainTask } from '../contract/tasks.ts'
import type { TextTask } from '../data/resolve-text.ts'
import { tokenizeCorpus, tokenizeWith } from '../data/text/character-tokenizer.ts'
import type { Tokens } from '../data/text/tokens.ts'
import { windowsOf } from '../data/text/windows.ts'
import type { EncodedRows, Preparation, PreparedData } from './prepared-data.ts'

export function prepareText(
  { training, validation }: TrainTask,
  { resolved, targetSize, onProgress }: Preparation<TextTask>,
): PreparedData {
  const { context, vocabulary, trainingRows, validationRows } = resolved
  const whole = { characters: charactersOf(resolved, validation === null), vocabulary }
  const { tokens, characters } = tokenizeCorpus(new Uint8Array(training.bytes), whole, onProgress)
  const preprocessing: TextPreprocessing = {
    version: 1,
    kind: 'text',
    tokenizer: 'characters',
    context,
    characters,
  }
  const held = validation
    ? tokenizeWith(
        characters,
        new Uint8Array(validation.bytes),
        resolved.tokens.validation,
        onProgress,
      )
    : tokens.subarray(resolved.tokens.training)
  const encoded = (part: Tokens, rows: number, stride: number): EncodedRows => ({
    rows,
    ...windowsOf(part, { rows, stride, context, targetSize }),
  })
  return {
    preprocessing,
    training: encoded(tokens.subarray(0, resolved.tokens.training), trainingRows, 1),
    validation: validationRows > 0 ? encoded(held, validationRows, context) : null,
  }
}

/** Of the training dataset: what is held out is a part of it, unless it is a dataset of its own. */
function charactersOf({ tokens }: TextTask, holdsBoth: boolean): number {
  return holdsBoth ? tokens.training + tokens.validation : tokens.training
}
