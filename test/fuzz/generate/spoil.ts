/**
 * @file A value that was right, changed in one to three places: what people send by mistake, and what
 * they try on purpose. The result is the text of a body, for some of it no value can say.
 */
import fc from 'fast-check'

import { columnNames } from './valid.ts'

/** JSON that is legal or nearly so, and that no client means well with. Stands where a value stood. */
export const hostileLiterals = [
  '1e999',
  '-1e999',
  '1e-999',
  '-0',
  'NaN',
  'Infinity',
  '0x10',
  '01',
  '9'.repeat(400),
  `0.${'1'.repeat(400)}`,
  '9007199254740993',
  '-9223372036854775809',
  '1.0000000000000002',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u202e"',
  '"\\\\"',
  `"${'x'.repeat(5_000)}"`,
  `"${'\u00e9'.repeat(70_000)}"`,
  '"\'; drop table jobs; --"',
  '"<script>alert(1)</script>"',
  '"../../../etc/passwd"',
  '"{{7*7}}%n%s"',
  '"=cmd|x"',
  '""',
  '" "',
  'null',
  'true',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"toString":1,"hasOwnProperty":2,"length":-1}',
  '{"$ref":"#/components/schemas/CreateJob"}',
  '{"":""}',
  `${'['.repeat(60)}${']'.repeat(60)}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
  `[${'0,'.repeat(20_000)}0]`,
  `[${'{},'.repeat(10_000)}{}]`,
  `{${Array.from({ length: 2_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
  '{"a":1,"a":2}',
  '1,',
  '}',
  '"',
] as const

/** Names to put where there is none of them. */
const names = ['__proto__', 'constructor', 'toString', '', 'id', '\u0000', 'x'.repeat(300)]

type Edit =
  | { readonly do: 'replace'; readonly literal: number }
  | { readonly do: 'shift'; readonly by: number }
  | { readonly do: 'remove' }
  | { readonly do: 'wrap' }
  | { readonly do: 'repeat' }
  | { readonly do: 'add'; readonly name: string }

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant('replace' as const), literal: fc.nat(hostileLiterals.length - 1) }),
  fc.record({ do: fc.constant('shift' as const), by: fc.constantFrom(-1, 1, 0.5, 1e9, -1e9) }),
  fc.record({ do: fc.constant('remove' as const) }),
  fc.record({ do: fc.constant('wrap' as const) }),
  fc.record({ do: fc.constant('repeat' as const) }),
  fc.record({ do: fc.constant('add' as const), name: fc.constantFrom(...names, ...columnNames) }),
)

/** Spoils `values`; the text of a body. */
export function spoiled(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const edits = fc.array(fc.tuple(fc.nat(1_000_000), edit), { minLength: 1, maxLength: 3 })
  return fc.tuple(values, edits).map(([value, changes]) => {
    const box = { value: structuredClone(value) }
    for (const [at, change] of changes) apply(change, placesIn(box), at)
    return JSON.stringify(box.value ?? null).replaceAll(
      /"@literal (\d+)@"/g,
      (_, index) => hostileLiterals[Number(index)],
    )
  })
}

interface Place {
  readonly parent: object
  readonly key: string
}

function placesIn(parent: object): Place[] {
  return Object.entries(parent).flatMap(([key, child]) => [
    { parent, key },
    ...(typeof child === 'object' && child !== null ? placesIn(child) : []),
  ])
}

function apply(change: Edit, places: readonly Place[], at: number): void {
  if (places.length === 0) return
  const { parent, key } = places[at % places.length]
  const value: unknown = Reflect.get(parent, key)
  switch (change.do) {
    case 'replace':
      define(parent, key, `@literal ${change.literal}@`)
      break
    case 'shift':
      define(parent, key, shifted(value, change.by))
      break
    case 'remove':
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else Reflect.deleteProperty(parent, key)
      break
    case 'wrap':
      define(parent, key, [value])
      break
    case 'repeat':
      define(parent, key, Array.isArray(value) ? [...value, ...value] : [value, value])
      break
    case 'add': {
      const into = typeof value === 'object' && value !== null ? value : parent
      define(into, Array.isArray(into) ? String(into.length) : change.name, 1)
      break
    }
    default:
      change satisfies never
  }
}

/** A number that is off, or a text that is almost the same. */
function shifted(value: unknown, by: number): unknown {
  if (typeof value === 'number') return value + by
  return typeof value === 'string' ? `${value} ` : JSON.stringify(value)
}

/** Also `__proto__`, which an assignment would take for the prototype. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}
