/** @file Zod's names of what was expected, in the words of a message. */
import type { z } from 'zod'

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
}

export function kindOf(type: string): string {
  return kinds[type] ?? type
}

export function oneOf(values: readonly unknown[]): string {
  const quoted = values.map((value) => JSON.stringify(value)).join(', ')
  return values.length === 1 ? quoted : `one of ${quoted}`
}

const units: Record<string, string> = { string: ' characters', array: ' items' }

export function limitOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const unit = units[issue.origin] ?? ''
  if (issue.code === 'too_small') {
    return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit}`
  }
  return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit}`
}
