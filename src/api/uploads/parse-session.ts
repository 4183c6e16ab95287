/**
 * @file One upload's way through a parsing thread: a piece goes in when the one before has been read,
 * so whoever sends faster than the thread reads has to wait, and memory stays flat.
 */
import { MessageChannel } from 'node:worker_threads'

import type { DatasetFormat } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'
import type { ParseInput, ParseResult } from '../../contract/tasks.ts'
import type { ThreadPool } from '../../threads/pool.ts'

export type ParsedFile = Omit<Extract<ParseResult, { outcome: 'parsed' }>, 'outcome'>

/** Errors of `write` and `end`: `invalid_dataset`, and `unavailable` when no thread was free. */
export interface ParseSession {
  /** Resolves once the piece has been read. The piece is copied: it may be changed at once. */
  write(piece: Uint8Array): Promise<void>
  end(): Promise<ParsedFile>
  /** Gives the thread back, also in the middle of a file. To be called in any case. */
  close(): void
}

export interface ParseOptions {
  readonly format: DatasetFormat
  readonly maxColumns: number
  /** Whose file it is: projects take turns for the threads. */
  readonly projectId: string
  /** All of the file is here, so it needs its thread for moments only. */
  readonly isWhole?: boolean
}

/** Other uploads may hold the threads for long. A transaction waits here, so not for ever. */
const waitForThreadMs = 30_000

export function startParsing(
  pool: Pick<ThreadPool, 'parse'>,
  { isWhole = false, projectId, ...options }: ParseOptions,
): ParseSession {
  const { port1: port, port2: source } = new MessageChannel()
  let failure: unknown
  let wake = () => {}

  function fail(error: unknown): void {
    failure ??= error
    wake()
  }
  const timer = setTimeout(() => {
    const detail = 'Other uploads hold all threads that read files.'
    fail(new AppError('unavailable', detail, { retryAfterSeconds: 5 }))
  }, waitForThreadMs)
  const closed = new AbortController()
  const terms = { isWhole, group: projectId, signal: closed.signal }
  const result = pool.parse({ ...options, source }, terms).then(parsedOrRefused)
  result.then(() => wake(), fail)
  port.on('message', () => {
    clearTimeout(timer)
    wake()
  })

  /** Until the thread has answered, or never will. */
  async function send(input: Uint8Array<ArrayBuffer> | null): Promise<void> {
    if (failure !== undefined) throw failure
    const answered = new Promise<void>((resolve) => {
      wake = resolve
    })
    port.postMessage(input satisfies ParseInput, input === null ? [] : [input.buffer])
    await answered
    if (failure !== undefined) throw failure
  }

  return {
    write: (piece) => send(new Uint8Array(piece)),
    async end() {
      await send(null)
      return result
    },
    close() {
      clearTimeout(timer)
      closed.abort(new AppError('upload_incomplete', 'The upload ended before it could be read.'))
      port.close()
    },
  }
}

function parsedOrRefused(result: ParseResult): ParsedFile {
  if (result.outcome === 'parsed') return { profile: result.profile, preview: result.preview }
  const { code, detail, errors } = result.problem
  throw new AppError(code, detail, errors && { errors })
}
