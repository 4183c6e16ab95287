/** @file A task on a text: to foretell each character from those before it. */
import { maxVocabulary, type TextProfile } from '../contract/datasets.ts'
import type { Spec, TextSpec } from '../contract/spec/spec.ts'
import { quoted } from './data-error.ts'
import { type Complaints, createComplaints } from './resolution/complaints.ts'
import { SpecError } from './spec-error.ts'
import type { TaskShape } from './task.ts'
import { heldOutTokens, trainingWindows, validationWindows } from './text/windows.ts'

export interface TextTask extends TaskShape {
  readonly kind: 'text'
  readonly task: 'language_modeling'
  /** Tokens per window. */
  readonly context: number
  readonly vocabulary: number
  /** Tokens of each part. */
  readonly tokens: { readonly training: number; readonly validation: number }
}

export type TextTaskSpec = Pick<Spec, 'target' | 'features' | 'text' | 'loss' | 'training'>

/** Throws SpecError with all complaints, each at its place in the spec. */
export function resolveText(
  spec: TextTaskSpec,
  profile: TextProfile,
  validationProfile: TextProfile | null,
): TextTask {
  const complaints = createComplaints()
  complainOfColumns(spec, complaints)
  if (spec.text === undefined) {
    const example = '"text": {"tokenizer": "characters", "context": 64}'
    const detail = `The dataset is plain text. Say how it is read: ${example}.`
    complaints.add('/text', 'text_required', detail)
  }
  const vocabulary = checkVocabulary(profile, complaints)
  if (spec.text === undefined) throw new SpecError(complaints.items)
  const { context } = spec.text
  const tokens = tokensOfParts(spec, profile, validationProfile)
  const trainingRows = trainingWindows(tokens.training, context)
  const validationRows = validationWindows(tokens.validation, context)
  checkAlphabets(profile, validationProfile, complaints)
  checkLengths(spec, spec.text, { ...tokens, trainingRows, validationRows }, complaints)
  if (complaints.items.length > 0) throw new SpecError(complaints.items)
  return {
    kind: 'text',
    task: 'language_modeling',
    context,
    vocabulary,
    tokens,
    inputShape: [context],
    outputs: vocabulary,
    outputShapes: [[context, vocabulary], [vocabulary]],
    lossName: 'categorical_cross_entropy',
    trainingRows,
    validationRows,
  }
}

function complainOfColumns(spec: TextTaskSpec, complaints: Complaints): void {
  for (const name of ['target', 'features'] as const) {
    if (spec[name] === undefined) continue
    const detail = `The dataset is plain text and has no columns. Leave "${name}" out.`
    complaints.add(`/${name}`, 'no_columns', detail)
  }
  const { loss } = spec
  if (loss === undefined || loss === 'categorical_cross_entropy') return
  const detail = `${loss} is not for text: each token is one of many. Set the loss to categorical_cross_entropy, or leave it out.`
  complaints.add('/loss', 'loss_mismatch', detail)
}

function checkVocabulary({ vocabulary }: TextProfile, complaints: Complaints): number {
  if (vocabulary === null) {
    const detail = `The dataset has more than ${maxVocabulary} distinct characters. Replace the rare ones.`
    complaints.add('/dataset', 'too_many_characters', detail)
  } else if (vocabulary < 2) {
    const detail = 'The dataset has one character only, over and over. Expected at least two.'
    complaints.add('/dataset', 'one_character', detail)
  }
  return vocabulary ?? 0
}

/** Where both profiles name their characters, by them; else by their numbers, and the run finds out the rest. */
function checkAlphabets(
  { alphabet, vocabulary }: TextProfile,
  validation: TextProfile | null,
  complaints: Complaints,
): void {
  if (validation === null || vocabulary === null) return
  const advice = 'Take them out of the one, or train on a text that has them.'
  const complain = (what: string) =>
    complaints.add('/training/validation/dataset', 'unknown_characters', `${what} ${advice}`)
  if (alphabet === undefined || validation.alphabet === undefined) {
    const more = validation.vocabulary ?? `more than ${maxVocabulary}`
    if (validation.vocabulary !== null && validation.vocabulary <= vocabulary) return
    complain(
      `The validation dataset has ${more} distinct characters, the training one ${vocabulary}.`,
    )
    return
  }
  const known = new Set(alphabet)
  const unknown = [...validation.alphabet].filter((character) => !known.has(character))
  if (unknown.length === 0) return
  const shown = unknown.slice(0, maxShown).map(shownCharacter).join(', ')
  const rest = unknown.length > maxShown ? ', …' : ''
  complain(
    `The validation dataset has characters that the training dataset has not, ${unknown.length} in all: ${shown}${rest}.`,
  )
}

const maxShown = 10

/** Spaces, marks and what cannot be seen by their numbers. */
function shownCharacter(character: string): string {
  if (!/[\p{C}\p{M}\p{Z}]/u.test(character)) return quoted(character)
  const code = character.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

function tokensOfParts(
  { training: { validation } }: TextTaskSpec,
  { characters }: TextProfile,
  validationProfile: TextProfile | null,
): TextTask['tokens'] {
  if (validation === undefined) return { training: characters, validation: 0 }
  if ('dataset' in validation) {
    return { training: characters, validation: validationProfile?.characters ?? 0 }
  }
  const heldOut = heldOutTokens(characters, validation.fraction)
  return { training: characters - heldOut, validation: heldOut }
}

interface Lengths extends Pick<TaskShape, 'trainingRows' | 'validationRows'> {
  readonly training: number
  readonly validation: number
}

function checkLengths(
  spec: TextTaskSpec,
  { context }: TextSpec,
  { training, validation, trainingRows, validationRows }: Lengths,
  complaints: Complaints,
): void {
  const needs = `a context of ${context} needs ${context + 1}`
  if (trainingRows < 1) {
    const came = `There are ${training} characters to train on, but ${needs}`
    complaints.add('/text/context', 'text_too_short', `${came}. Lower it, or add text.`)
  }
  const asked = spec.training.validation
  if (asked === undefined || validationRows >= 1) return
  const pointer = `/training/validation/${'dataset' in asked ? 'dataset' : 'fraction'}`
  const came = `There are ${validation} characters to validate on, but ${needs}`
  complaints.add(pointer, 'text_too_short', `${came}. Lower it, or hold out more.`)
}
