/**
 * @file Every schema exists twice, as it comes in and as it goes out, and most are needed once: what
 * nothing refers to goes, and what comes in only loses the "Input" of its name.
 */
import type { Document } from './document.ts'

const reference = /"#\/components\/schemas\/(\w+)"/g
const inputSuffix = 'Input'

export function pruneSchemas(document: Document): Document {
  const { schemas } = document.components
  const used = usedBy(document.paths, schemas)
  document.components.schemas = Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [publicName(name, used), schema]),
  )
  const text = JSON.stringify(document).replaceAll(
    reference,
    (_, name: string) => `"#/components/schemas/${publicName(name, used)}"`,
  )
  return JSON.parse(text)
}

function publicName(name: string, used: ReadonlySet<string>): string {
  const bare = name.slice(0, -inputSuffix.length)
  return name.endsWith(inputSuffix) && !used.has(bare) ? bare : name
}

/** Directly, or through another schema. */
function usedBy(paths: object, schemas: Record<string, unknown>): Set<string> {
  const used = new Set<string>()
  const waiting: unknown[] = [paths]
  while (waiting.length > 0) {
    for (const [, name] of JSON.stringify(waiting.pop()).matchAll(reference)) {
      if (used.has(name)) continue
      used.add(name)
      waiting.push(schemas[name])
    }
  }
  return used
}
