import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'

import { afterAll, expect, test } from 'vitest'

import type { DatasetFormat } from '../../src/contract/datasets.ts'
import type { ParseInput, ParseResult } from '../../src/contract/tasks.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { profileOf } from './support/datasets.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())

const iris = readFileSync('examples/data/iris.csv')
const text = (content: string) => new TextEncoder().encode(content)

/** An upload as the API does it: a piece goes out when the one before has been read. */
async function upload(format: DatasetFormat, pieces: readonly Uint8Array[]) {
  const { port1: file, port2: source } = new MessageChannel()
  const result = pool.parse({ format, maxColumns: 100, source })
  const acks: string[] = []
  const left: ParseInput[] = [...pieces, null]
  await new Promise<void>((resolve) => {
    file.on('message', (ack) => {
      acks.push(ack)
      if (ack === 'more') file.postMessage(left.shift())
    })
    file.on('close', resolve)
    file.postMessage(left.shift())
  })
  return { acks, result: await result }
}

function piecesOf(file: Uint8Array, bytes: number): Uint8Array[] {
  const count = Math.ceil(file.length / bytes)
  return Array.from({ length: count }, (_, i) => file.slice(i * bytes, (i + 1) * bytes))
}

test.each([7, 100, 100_000])(
  'a CSV in pieces of %d bytes is read as if it were whole',
  async (bytes) => {
    const pieces = piecesOf(iris, bytes)
    const { result, acks } = await upload('csv', pieces)

    expect(result).toMatchObject({ outcome: 'parsed', profile: profileOf('csv', iris) })
    expect(acks).toEqual(pieces.map(() => 'more'))
  },
)

test('the first rows come back for a look', async () => {
  const { result } = await upload('csv', [iris])

  expect(result).toMatchObject({ preview: { length: 100, 0: [5.1, 3.5, 1.4, 0.2, 'setosa'] } })
})

test('a broken file is refused with row and column, in the middle of the upload', async () => {
  const rest = Array.from({ length: 100 }, () => text('8,9\n'))
  const pieces = [text('a,b\n1,2\n3,4\n'), text('5,6,7\n'), ...rest]
  const { result, acks } = await upload('csv', pieces)

  expect(result).toEqual({
    outcome: 'refused',
    problem: { code: 'invalid_dataset', detail: expect.stringMatching(/^Row 3/) },
  })
  expect(acks.indexOf('refused')).toBe(acks.length - 1)
  expect(acks.length).toBeLessThan(10)
})

test('a file that ends too early is refused at its end', async () => {
  const { result } = await upload('json', [text('[{"a": 1}, {"a"')])

  expect(result).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_dataset' } })
})

test('an upload that is cut off is refused, and gives its thread back', async () => {
  const cut = async (): Promise<ParseResult> => {
    const { port1: file, port2: source } = new MessageChannel()
    const result = pool.parse({ format: 'csv', maxColumns: 10, source })
    file.postMessage(text('a,b\n1,'))
    setTimeout(() => file.close(), 5)
    return result
  }

  const results = await Promise.all(Array.from({ length: 4 }, cut))

  expect(results.map((result) => result.outcome === 'refused' && result.problem.code)).toEqual(
    Array.from({ length: 4 }, () => 'upload_incomplete'),
  )
  expect(pool.free().threads).toBe(2)
})

test('an upload that is cut off before its thread begins is refused', async () => {
  const { port1: file, port2: source } = new MessageChannel()
  file.close()

  await expect(pool.parse({ format: 'csv', maxColumns: 10, source })).resolves.toMatchObject({
    problem: { code: 'upload_incomplete' },
  })
})

test('slow uploads never take the last thread', async () => {
  const slow = Array.from({ length: 3 }, () => {
    const { port1: file, port2: source } = new MessageChannel()
    return { file, result: pool.parse({ format: 'csv', maxColumns: 10, source }) }
  })
  await sleep(20)

  expect(pool.free().threads).toBe(1)
  expect(pool.waiting()).toBe(2)

  for (const { file } of slow) file.close()
  const results = await Promise.all(slow.map(({ result }) => result))
  expect(results).toMatchObject(slow.map(() => ({ problem: { code: 'upload_incomplete' } })))
  expect(pool.free().threads).toBe(2)
})

test('whole files of one project do not keep those of another waiting, and who leaves is gone', async () => {
  const hold = Array.from({ length: 2 }, () => {
    const { port1: file, port2: source } = new MessageChannel()
    return {
      file,
      result: pool.parse({ format: 'csv', maxColumns: 10, source }, { isWhole: true }),
    }
  })
  const order: string[] = []
  const whole = (group: string, signal?: AbortSignal) => {
    const { port1: file, port2: source } = new MessageChannel()
    for (const piece of [iris, null]) file.postMessage(piece)
    const terms = { isWhole: true, group, ...(signal && { signal }) }
    return pool
      .parse({ format: 'csv', maxColumns: 10, source }, terms)
      .then(({ outcome }) => order.push(`${group} ${outcome}`))
      .finally(() => file.close())
  }
  const gone = new AbortController()
  const left = expect(whole('flood', gone.signal)).rejects.toThrow('gone')
  const flood = Array.from({ length: 10 }, () => whole('flood'))
  const other = whole('other')
  expect(pool.waiting()).toBe(12)
  gone.abort(new Error('gone'))
  await left
  expect(pool.waiting()).toBe(11)

  for (const { file } of hold) file.close()
  await Promise.all([...hold.map(({ result }) => result), ...flood, other])
  expect(order.slice(0, 4)).toContain('other parsed')
})
