/** @file The property names that a schema knows at a path, to suggest one in place of a mistyped name. */
import { z } from 'zod'

export interface KnownNames {
  /** Of what the value is: of several alternatives, those whose `type` it has. */
  readonly names: readonly string[]
  /** The types of the other alternatives that have this name. */
  typesWith(name: string): readonly string[]
}

export function knownNames(
  schema: unknown,
  path: readonly PropertyKey[],
  value: unknown,
): KnownNames {
  let here = alternatives(schema)
  for (const part of path) here = here.flatMap((each) => alternatives(childOf(each, part)))
  const shapes = here.filter((each) => each instanceof z.ZodObject)
  const ofType = shapes.filter((each) => typesOf(each).some((type) => type === typeOf(value)))
  const meant = ofType.length > 0 ? ofType : shapes
  return {
    names: meant.flatMap(({ shape }) => Object.keys(shape)),
    typesWith: (name) => shapes.filter(({ shape }) => Object.hasOwn(shape, name)).flatMap(typesOf),
  }
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

function typesOf({ shape }: z.ZodObject): string[] {
  return shape.type instanceof z.ZodLiteral ? [...shape.type.values].map(String) : []
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'type')
    ? Reflect.get(value, 'type')
    : undefined
}
