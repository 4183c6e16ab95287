import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test, vi } from 'vitest'

import { startParsing } from '../../../src/api/uploads/parse-session.ts'
import type { DatasetProfile } from '../../../src/contract/datasets.ts'
import { AppError } from '../../../src/contract/errors.ts'
import type { ParseInput, ParseResult, ParseTask } from '../../../src/contract/tasks.ts'
import type { ParseTerms } from '../../../src/threads/pool.ts'

afterEach(() => vi.useRealTimers())

const options = { format: 'csv', maxColumns: 10, projectId: 'prj_1' } as const
const profile: DatasetProfile = {
  kind: 'text',
  characters: 0,
  vocabulary: 1,
  lines: 0,
  warnings: [],
}

/** A thread that reads each piece when it is let. */
function aThread() {
  const seen: ParseInput[] = []
  const reads: (() => void)[] = []
  return {
    seen,
    readOne: () => reads.shift()?.(),
    pool: {
      parse: ({ source }: ParseTask) =>
        new Promise<ParseResult>((resolve) => {
          source.on('message', (piece: ParseInput) => {
            seen.push(piece)
            if (piece === null) resolve({ outcome: 'parsed', profile, preview: [] })
            else reads.push(() => source.postMessage('more'))
          })
          source.on('close', () =>
            resolve({ outcome: 'refused', problem: { code: 'upload_incomplete', detail: 'cut' } }),
          )
        }),
    },
  }
}

test('a piece is written once the thread has read it, and not before', async () => {
  const thread = aThread()
  const session = startParsing(thread.pool, options)
  let written = false
  const writing = session.write(Buffer.from('abc')).then(() => {
    written = true
  })
  await sleep(20)
  expect(thread.seen).toHaveLength(1)
  expect(written).toBe(false)

  thread.readOne()
  await writing
  expect(await session.end()).toEqual({ profile, preview: [] })
  session.close()
})

test('the thread gets the piece alone, and its sender keeps it', async () => {
  const thread = aThread()
  const session = startParsing(thread.pool, options)
  const piece = Buffer.from('0123456789').subarray(2, 5)
  const writing = session.write(piece)
  piece.fill('x')
  await sleep(20)
  thread.readOne()
  await writing
  session.close()

  const [seen] = thread.seen
  expect(Buffer.from(seen ?? []).toString()).toBe('234')
  expect(seen?.buffer.byteLength).toBe(3)
  expect(piece.toString()).toBe('xxx')
})

test('a thread that dies under a piece does not leave it waiting', async () => {
  const pool = { parse: () => sleep(10).then(() => Promise.reject(new Error('crashed'))) }
  const session = startParsing(pool, options)

  await expect(session.write(Buffer.from('a'))).rejects.toThrow('crashed')
  await expect(session.end()).rejects.toThrow('crashed')
  session.close()
})

test('a refusal comes back as the error of the next piece, or of the end', async () => {
  const problem = { code: 'invalid_dataset', detail: 'Row 1' } as const
  const pool = { parse: async () => ({ outcome: 'refused', problem }) as const }
  const session = startParsing(pool, options)

  await expect(session.write(Buffer.from('a'))).rejects.toEqual(
    new AppError('invalid_dataset', 'Row 1'),
  )
  session.close()
})

test('close() gives the thread back in the middle of a file', async () => {
  const thread = aThread()
  const parse = vi.spyOn(thread.pool, 'parse')
  const session = startParsing(thread.pool, options)
  session.write(Buffer.from('a')).catch(() => {})
  await sleep(10)
  session.close()

  await expect(parse.mock.results[0].value).resolves.toMatchObject({ outcome: 'refused' })
})

test('the file waits as one of its project, and no longer once it is closed', async () => {
  const parse = vi.fn((_task: ParseTask, _terms?: ParseTerms) => new Promise<ParseResult>(() => {}))
  const session = startParsing({ parse }, options)
  const [, terms] = parse.mock.calls[0]
  expect(terms).toMatchObject({ group: 'prj_1', signal: { aborted: false } })

  session.close()
  expect(terms?.signal?.aborted).toBe(true)
})

describe('while no thread is free', () => {
  const never = { parse: () => new Promise<ParseResult>(() => {}) }

  test('an upload waits 30 s, and is then told to come again', async () => {
    vi.useFakeTimers()
    const session = startParsing(never, options)
    const refused = expect(session.write(Buffer.from('a'))).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    })
    await vi.advanceTimersByTimeAsync(30_000)
    await refused
    session.close()
  })

  test('a thread that has begun may take as long as it needs', async () => {
    const thread = aThread()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const session = startParsing(thread.pool, options)
    const first = session.write(Buffer.from('a'))
    await vi.waitFor(() => expect(thread.seen).toHaveLength(1))
    thread.readOne()
    await first
    const second = session.write(Buffer.from('b'))
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.waitFor(() => expect(thread.seen).toHaveLength(2))
    thread.readOne()
    await expect(second).resolves.toBeUndefined()
    session.close()
  })
})
