/** @file A page of a list as clients see it, whatever it lists. */
import type { ListPage } from '../../store/list-page.ts'

export function presentPage<Row, Item extends { readonly id: string }>(
  { rows, hasMore }: ListPage<Row>,
  present: (row: Row) => Item,
) {
  const data = rows.map(present)
  return {
    object: 'list' as const,
    data,
    has_more: hasMore,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}
