/**
 * @file A small cache that forgets what was used longest ago, bounded in bytes and in entries.
 *
 * Each prediction thread has one for the networks it has decoded: weights never change, so what is
 * here is never stale.
 */
export interface ModelCache<Model> {
  /** The model of that id; made, and kept if it fits, when it is not here. */
  get(id: string, make: () => { readonly model: Model; readonly bytes: number }): Model
}

export interface ModelCacheLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}

export function createModelCache<Model>({
  maxBytes,
  maxEntries,
}: ModelCacheLimits): ModelCache<Model> {
  // A Map keeps the order of insertion: the first entry is the one that was used longest ago.
  const entries = new Map<string, { readonly model: Model; readonly bytes: number }>()
  let bytes = 0

  function forgetUntil(room: number): void {
    for (const [id, entry] of entries) {
      if (entries.size < maxEntries && bytes + room <= maxBytes) return
      entries.delete(id)
      bytes -= entry.bytes
    }
  }

  return {
    get(id, make) {
      const known = entries.get(id)
      if (known) {
        entries.delete(id)
        entries.set(id, known)
        return known.model
      }
      const made = make()
      if (made.bytes > maxBytes) return made.model
      forgetUntil(made.bytes)
      entries.set(id, made)
      bytes += made.bytes
      return made.model
    },
  }
}
