/**
 * @file From what Zod found to what a client is told: where, what was expected, what came, and which
 * name was probably meant.
 */
import type { z } from 'zod'

import type { ErrorItem } from '../../contract/errors.ts'
import { nearestName } from '../../contract/nearest-name.ts'
import { describeValue } from './describe-value.ts'
import { toPointer } from './json-pointer.ts'
import { knownNames } from './known-names.ts'
import { kindOf, limitOf, oneOf } from './wording.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

export interface Checked {
  readonly schema: unknown
  readonly input: unknown
  /** Where pointers start: empty for a body, `/query` and the like for the rest. */
  readonly prefix: string
}

export function describeIssues(issues: readonly Issue[], checked: Checked): ErrorItem[] {
  return issues.flatMap((issue) => describe(issue, issue.path, checked))
}

function describe(issue: Issue, path: Path, checked: Checked): ErrorItem[] {
  const item = (detail: string, at: Path = path) => [
    { pointer: checked.prefix + toPointer(at), code: issue.code, detail },
  ]
  const got = describeValue(valueAt(checked.input, path))
  // Some of the contract's checks bring their words along.
  const own = ownWords(issue)

  switch (issue.code) {
    case 'invalid_type':
      return item(`expected ${own ?? kindOf(issue.expected)}, got ${got}`)
    case 'too_small':
    case 'too_big':
      return item(`expected ${own ?? limitOf(issue)}, got ${got}`)
    case 'invalid_value':
      return item(`expected ${oneOf(issue.values)}, got ${got}`)
    case 'invalid_format':
      return item(`expected ${own ?? `text in the format ${issue.format}`}, got ${got}`)
    case 'invalid_key':
      return item(issue.issues[0]?.message ?? issue.message)
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) => {
        const known = knownNames(checked.schema, path, valueAt(checked.input, path))
        const owners = known.typesWith(key)
        const hint =
          owners.length > 0
            ? `; it belongs to the type ${owners.map((type) => JSON.stringify(type)).join(' or ')}`
            : suggestion(key, known.names)
        const name = JSON.stringify(key.slice(0, 100))
        return item(`there is no property ${name} here${hint}`, [...path, key])
      })
    case 'invalid_union':
      return describeUnion(issue, path, checked)
    default:
      return item(issue.message)
  }
}

/** Of several alternatives, the one that the client came nearest to is worth explaining. */
function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  checked: Checked,
): ErrorItem[] {
  const value = valueAt(checked.input, path)
  const item = (expected: string, meant = '') => [
    {
      pointer: checked.prefix + toPointer(path),
      code: issue.code,
      detail: `expected ${expected}, got ${describeValue(value)}${meant}`,
    },
  ]
  if ('options' in issue && Array.isArray(issue.options)) {
    // Only a text was meant as a name; an object may have a `toString` that is none.
    const meant = typeof value === 'string' ? suggestion(value, issue.options.map(String)) : ''
    return item(oneOf(issue.options), meant)
  }
  const near = issue.errors.filter((branch) => !branch.some(isWrongKind))
  if (near.length === 0) {
    return item(alternativesOf([...new Set(expectedBy(issue))]))
  }
  const [nearest] = near.toSorted((a, b) => distance(a) - distance(b))
  return nearest.flatMap((inner) => describe(inner, [...path, ...inner.path], checked))
}

/** The value as a whole is of another type than this alternative. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false
  if (issue.code === 'invalid_union') {
    return issue.errors.length > 0 && issue.errors.every((branch) => branch.some(isWrongKind))
  }
  return issue.code === 'invalid_type' || issue.code === 'invalid_value'
}

/** What a value of another kind was expected to be; of alternatives within one, each. */
function expectedBy(issue: Issue): string[] {
  if (issue.code === 'invalid_union') {
    return issue.errors.flatMap((branch) => branch.filter(isWrongKind).flatMap(expectedBy))
  }
  if (issue.code === 'invalid_value') return [oneOf(issue.values)]
  return [
    ownWords(issue) ?? (issue.code === 'invalid_type' ? kindOf(issue.expected) : issue.message),
  ]
}

function ownWords({ message }: Issue): string | null {
  return message.startsWith('expected ') ? message.slice('expected '.length) : null
}

/** `a`, `a or b`, `a, b or c`. */
function alternativesOf(kinds: readonly string[]): string {
  if (kinds.length < 2) return kinds.join()
  return `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
}

/** Names that an alternative does not know speak more against it than wrong values do. */
function distance(branch: readonly Issue[]): number {
  const unknown = branch.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
  return branch.length + unknown.length * 10
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known)
  return meant === null ? '' : `; did you mean "${meant}"?`
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
