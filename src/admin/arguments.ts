/** @file What stands behind a command's name: switches, and a fixed number of values. */
import { parseArgs } from 'node:util'

import { UsageError } from './errors.ts'

export interface Expected {
  /** As it stands in an error: `<file>`. */
  readonly values?: readonly string[]
  readonly switches?: readonly string[]
}

export interface Arguments {
  readonly values: readonly string[]
  has(name: string): boolean
}

export function readArguments(
  args: readonly string[],
  { values = [], switches = [] }: Expected,
): Arguments {
  const options = Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }]))
  const parsed = orSayWhy(() => parseArgs({ args: [...args], options, allowPositionals: true }))
  if (parsed.positionals.length !== values.length || parsed.positionals.includes('')) {
    const expected = values.length === 0 ? 'nothing' : values.join(' ')
    throw new UsageError(`Expected ${expected}, got ${JSON.stringify(parsed.positionals)}.`)
  }
  return { values: parsed.positionals, has: (name) => parsed.values[name] === true }
}

function orSayWhy<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    // Of two sentences the second tells how to name a file that begins with a dash.
    throw new UsageError(
      error instanceof Error ? error.message.replace(/\. To .*/s, '.') : String(error),
    )
  }
}
