/** @file Tables in the order of their foreign keys. */
interface Referring {
  readonly name: string
  /** Names of the tables that its foreign keys point to; its own may be among them. */
  readonly refersTo: readonly string[]
}

/** Each after all that it refers to. Throws where they refer to each other in a circle. */
export function inDependencyOrder<T extends Referring>(tables: readonly T[]): T[] {
  const ordered: T[] = []
  const done = new Set<string>()
  let left = [...tables]
  while (left.length > 0) {
    const ready = left.filter(({ name, refersTo }) =>
      refersTo.every((target) => target === name || done.has(target)),
    )
    if (ready.length === 0) {
      const names = left.map(({ name }) => name).join(', ')
      throw new Error(`The foreign keys of these tables go in a circle: ${names}.`)
    }
    ordered.push(...ready)
    for (const { name } of ready) done.add(name)
    left = left.filter(({ name }) => !done.has(name))
  }
  return ordered
}
