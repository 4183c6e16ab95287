/** @file The property names that a schema knows at a path, to suggest one in place of a mistyped name. */
import { z } from 'zod'

export function knownNames(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  let here = alternatives(schema)
  for (const part of path) here = here.flatMap((each) => alternatives(childOf(each, part)))
  return here.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []))
}

/** What may stand in a place, less the wrappers: a union is several things. */
function alternatives(schema: unknown): unknown[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault
  ) {
    return alternatives(schema.unwrap())
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives)
  return [schema]
}

function childOf(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)]
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}
