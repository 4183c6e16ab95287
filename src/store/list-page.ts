/** @file Keyset pages: the cursor is the last id seen, so a page stays right while rows come and go. */

export interface ListOptions {
  readonly limit: number
  readonly after?: string | undefined
  readonly order: 'asc' | 'desc'
}

export interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly hasMore: boolean
}

interface PageArguments {
  readonly take: number
  readonly orderBy: { readonly id: 'asc' | 'desc' }
  readonly where: { readonly id?: { readonly lt?: string; readonly gt?: string } }
}

/** Asks for one row more than wanted: its presence says that there is another page. */
export async function listPage<Row>(
  { limit, after, order }: ListOptions,
  findMany: (page: PageArguments) => Promise<Row[]>,
): Promise<ListPage<Row>> {
  const rows = await findMany({
    take: limit + 1,
    orderBy: { id: order },
    where: after ? { id: order === 'desc' ? { lt: after } : { gt: after } } : {},
  })
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}
