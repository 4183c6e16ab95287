/**
 * @file Values that a schema of the document allows, as fast-check arbitraries.
 *
 * Limits are met more often than chance would: the smallest, the largest, and small numbers between.
 * Ids are places that are filled with ids of things that are there (known-ids.ts).
 */
import fc from 'fast-check'

import type { Schema } from '../document.ts'
import { placeOf } from '../known-ids.ts'

export type ValuesOf = (schema: Schema) => fc.Arbitrary<unknown>

/** Names of columns that the fuzzer's datasets have, so that a spec can fit one of them. */
export const columnNames = ['a', 'b', 'y', 'kind'] as const

/** Deeper than any body of ours, and an end for schemas that contain themselves. */
const maxDepth = 12
const extraItems = 3
const longestText = 60

export function createValuesOf(schemas: Readonly<Record<string, Schema>>): ValuesOf {
  const made = new Map<Schema, fc.Arbitrary<unknown>[]>()

  function values(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const ofDepths = made.get(schema) ?? []
    made.set(schema, ofDepths)
    ofDepths[depth] ??= make(schema, depth)
    return ofDepths[depth]
  }

  function make(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const { $ref, anyOf, oneOf = anyOf, enum: choices } = schema
    if ($ref) return values(schemas[$ref.slice($ref.lastIndexOf('/') + 1)], depth)
    if ('const' in schema) return fc.constant(schema.const)
    if (choices) return fc.constantFrom(...choices)
    if (oneOf) return fc.oneof(...oneOf.map((each) => values(each, depth)))
    switch (schema.type) {
      case 'string':
        return textOf(schema)
      case 'integer':
        return fc.oneof(...integersOf(schema))
      case 'number':
        return fc.oneof(...numbersOf(schema))
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array':
        return listOf(schema, depth)
      case 'object':
        return objectOf(schema, depth)
      default:
        return fc.jsonValue({ maxDepth: 2 })
    }
  }

  function listOf({ items, prefixItems, minItems = 0, maxItems }: Schema, depth: number) {
    if (prefixItems) return fc.tuple(...prefixItems.map((each) => values(each, depth + 1)))
    if (depth >= maxDepth) return fc.constant([])
    const maxLength = Math.min(maxItems ?? Number.POSITIVE_INFINITY, minItems + extraItems)
    return fc.array(values(items ?? {}, depth + 1), { minLength: minItems, maxLength })
  }

  function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], propertyNames, additionalProperties } = schema
    const wanted = Object.entries(properties).filter(
      ([name]) => depth < maxDepth || required.includes(name),
    )
    const known = fc.record(
      Object.fromEntries(wanted.map(([name, each]) => [name, values(each, depth + 1)])),
      { requiredKeys: [...required] },
    )
    if (typeof additionalProperties !== 'object' || depth >= maxDepth) return known
    const names = propertyNames?.pattern ? textOf(propertyNames) : fc.constantFrom(...columnNames)
    const others = fc.dictionary(names.map(String), values(additionalProperties, depth + 1), {
      maxKeys: columnNames.length,
    })
    return fc.tuple(known, others).map(([one, other]) => ({ ...one, ...other }))
  }

  return (schema) => values(schema, 0)
}

function textOf({ pattern, format, minLength = 0, maxLength }: Schema): fc.Arbitrary<unknown> {
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString())
  }
  const [, prefix] = /^\^(\w+)_\[0-9a-f\]\{32\}\$$/.exec(pattern ?? '') ?? []
  if (prefix) return fc.nat(1_000).map((pick) => placeOf(prefix, pick))
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  const limits = { minLength, maxLength: Math.min(maxLength ?? longestText, longestText) }
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...columnNames) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', ...limits }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', ...limits }) },
  )
}

function integersOf(schema: Schema): fc.Arbitrary<number>[] {
  const min = Math.ceil(schema.minimum ?? (schema.exclusiveMinimum ?? -1e9 - 1) + 1)
  const max = Math.floor(schema.maximum ?? (schema.exclusiveMaximum ?? 1e9 + 1) - 1)
  return [
    fc.integer({ min, max: Math.min(max, min + 8) }),
    fc.integer({ min, max: Math.min(max, min + 8) }),
    fc.integer({ min, max }),
    fc.constantFrom(min, max),
  ]
}

function numbersOf(schema: Schema): fc.Arbitrary<number>[] {
  const min = schema.minimum ?? schema.exclusiveMinimum ?? -1e9
  const max = schema.maximum ?? schema.exclusiveMaximum ?? 1e9
  const options = {
    min,
    max,
    minExcluded: schema.exclusiveMinimum !== undefined,
    maxExcluded: schema.exclusiveMaximum !== undefined,
    noNaN: true,
  }
  const inside = fc.double(options)
  return [inside, fc.constantFrom(0, 1, 0.5, min, max).map((value) => within(value, schema))]
}

function within(value: number, { exclusiveMinimum, exclusiveMaximum, ...schema }: Schema): number {
  const low = schema.minimum ?? exclusiveMinimum ?? -1e9
  const high = schema.maximum ?? exclusiveMaximum ?? 1e9
  const fits =
    value >= low && value <= high && value !== exclusiveMinimum && value !== exclusiveMaximum
  return fits ? value : (low + high) / 2
}
