import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, expect, test } from 'vitest'

import { receiveFile } from '../../../src/api/uploads/receive-file.ts'
import type { Queryable } from '../../../src/store/transaction.ts'
import { createThreadPool } from '../../../src/threads/pool.ts'
import { testApi, testLimits } from '../support/api.ts'

const pool = createThreadPool({ threads: 1, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const { store, projectId } = await testApi({ pool })

/** Statements take their time, so a file is refused long before it is written. */
function slowly(transaction: Queryable) {
  const sent: string[] = []
  const query = async (text: string, values?: unknown[]) => {
    await sleep(100)
    sent.push(text)
    return transaction.query(text, values)
  }
  return { sent, transaction: { query } as unknown as Queryable }
}

test.each([
  // Parsing begins with the second megabyte, while that is written as chunks.
  ['in the middle', [Buffer.from(`a,b\n1,2,3\n${'1,2\n'.repeat(1_000_000)}`)], 3],
  ['at its end', [Buffer.from('a,b\n1,2\n3,4,5\n')], 3],
])(
  'a file that is refused %s sends nothing once its transaction is over',
  async (_, pieces, least) => {
    let sent: string[] = []
    const receiving = store.transaction(async (real) => {
      const slow = slowly(real)
      sent = slow.sent
      const parts = { pool, limits: testLimits }
      return receiveFile(slow.transaction, projectId, parts, { format: 'csv', pieces })
    })

    await expect(receiving).rejects.toMatchObject({ code: 'invalid_dataset' })
    const until = sent.length
    expect(until).toBeGreaterThanOrEqual(least)
    await sleep(500)
    expect(sent.slice(until)).toEqual([])
  },
)
