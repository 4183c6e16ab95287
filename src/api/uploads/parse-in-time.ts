/**
 * @file Parsing that takes a thread when there is something to do: once a good part of the file is
 * here, or all of it. So a client that sends little, or slowly, holds no thread while it does, and a
 * small file never queues behind a large one.
 */
import type { ThreadPool } from '../../threads/pool.ts'
import { type ParseOptions, type ParseSession, startParsing } from './parse-session.ts'

/** Kept in memory until then, per upload. */
const enoughBytes = 1_048_576

export function parseInTime(pool: Pick<ThreadPool, 'parse'>, options: ParseOptions): ParseSession {
  let session: ParseSession | undefined
  let kept: Uint8Array[] = []
  let keptBytes = 0

  async function begin(isWhole: boolean): Promise<ParseSession> {
    const begun = startParsing(pool, { ...options, isWhole })
    session = begun
    for (const piece of kept) await begun.write(piece)
    kept = []
    return begun
  }

  return {
    async write(piece) {
      if (session) return session.write(piece)
      kept.push(piece)
      keptBytes += piece.length
      if (keptBytes > enoughBytes) await begin(false)
    },
    async end() {
      return (session ?? (await begin(true))).end()
    },
    close() {
      session?.close()
    },
  }
}
