/**
 * @file The parsing thread. One call reads one upload while it arrives, and learns its columns.
 *
 * The file comes in pieces through a port, and each piece is answered once it has been read: so a
 * client that sends faster than we parse waits in its socket, and memory stays flat. Nothing of the
 * file is kept but a profile and the first rows.
 */
import { on } from 'node:events'

import type { ErrorCode } from '../contract/errors.ts'
import type { ParseAck, ParseInput, ParseResult, ParseTask } from '../contract/tasks.ts'
import { DataError } from '../data/data-error.ts'
import { createDatasetReader } from '../data/profile/dataset-reader.ts'

export default async function parse(task: ParseTask): Promise<ParseResult> {
  try {
    return await readToTheEnd(task)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    task.source.postMessage('refused' satisfies ParseAck)
    return refused('invalid_dataset', error.message)
  } finally {
    task.source.close()
  }
}

async function readToTheEnd({ format, maxColumns, source }: ParseTask): Promise<ParseResult> {
  const reader = createDatasetReader(format, { maxColumns })
  for await (const message of on(source, 'message', { close: ['close'] })) {
    const piece: ParseInput = message[0]
    if (piece === null) return { outcome: 'parsed', ...reader.end() }
    reader.write(piece)
    source.postMessage('more' satisfies ParseAck)
  }
  // Whoever sends let go of the port: without the null there is no telling how much is missing.
  return refused('upload_incomplete', 'The upload ended before the end of the file.')
}

function refused(code: ErrorCode, detail: string): ParseResult {
  return { outcome: 'refused', problem: { code, detail } }
}
