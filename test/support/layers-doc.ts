/**
 * @file What docs/layers.md says of each layer and model: a section with the type as its heading, or a
 * row of the table of layers without tensors.
 */

export interface LayerEntry {
  /** By name; null where one must be given, undefined where the default is no value but words. */
  readonly options: Readonly<Record<string, unknown>>
  readonly example: { readonly type: string }
  /** Of one row of the example, and what it makes of it. */
  readonly input: readonly number[]
  readonly out: readonly number[]
  readonly tensors: readonly [name: string, shape: readonly number[]][]
}

/** By type. Throws where an example is missing. */
export function entriesOf(text: string): Readonly<Record<string, LayerEntry>> {
  const sections = [...text.matchAll(/^### `(\w+)`\n(.*?)(?=^##)/gms)].map(
    ([, type, body]) => [type, entryOf(type, body, /^Options: (.*)$/m.exec(body)?.[1])] as const,
  )
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([^|]*)\|.*\| (`\{.*) \|$/gm)].map(
    ([, type, options, body]) => [type, entryOf(type, body, options)] as const,
  )
  return Object.fromEntries([...sections, ...rows])
}

function entryOf(type: string, body: string, options = ''): LayerEntry {
  const found = /`(\{"type".*\})` on \(([\d, ]+)\), out \(([\d, ]+)\)/.exec(body)
  if (!found) throw new Error(`docs/layers.md: expected an example of ${type}, got none.`)
  const [, example, input, out] = found
  const tensors = [...body.matchAll(/^\| `([\w.]+)` \| \(([\d, ]+)\) \|/gm)]
  return {
    options: Object.fromEntries(
      [...options.matchAll(/`(\w+)`(?: = (?:`([^`]+)`)?)?/g)].map(([whole, name, value]) => [
        name,
        whole.includes('=') ? value && JSON.parse(value) : null,
      ]),
    ),
    example: JSON.parse(example),
    input: numbersOf(input),
    out: numbersOf(out),
    tensors: tensors.map(([, name, shape]) => [name, numbersOf(shape)]),
  }
}

function numbersOf(list: string): number[] {
  return list.split(',').map(Number)
}
