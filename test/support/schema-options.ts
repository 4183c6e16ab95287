/** @file The variants of a spec by their `type`, from its JSON Schema, and the options of each. */

export interface Variant {
  readonly type: string
  readonly properties: Readonly<Record<string, { readonly default?: unknown }>>
  readonly required: readonly string[]
}

/** Every object whose `type` is a constant, in order; those within options (an initializer) are not. */
export function typesOf(schema: unknown): Variant[] {
  const found = new Map<string, Variant>()
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { properties, required = [] } = node as Partial<Variant>
    const type = (properties?.type as { const?: unknown } | undefined)?.const
    if (properties && typeof type === 'string') {
      if (!found.has(type)) found.set(type, { type, properties, required })
    } else for (const child of Object.values(node)) visit(child)
  }
  visit(schema)
  return [...found.values()]
}

/** By name: the default; null where one must be given, undefined where there is none. */
export function optionsOf({ properties, required }: Variant): Record<string, unknown> {
  const names = Object.keys(properties).filter((name) => name !== 'type')
  return Object.fromEntries(
    names.map((name) => [name, required.includes(name) ? null : properties[name].default]),
  )
}
