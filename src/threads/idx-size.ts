/**
 * @file How long an IDX file is by its header: what is decompressed at the door must be that long, and
 * no longer. All else of it is checked by the thread that parses.
 */
import { AppError } from '../contract/errors.ts'
import { DataError } from '../data/data-error.ts'
import { type IdxPart, maxHeaderBytes, readIdxHeader } from '../data/images/idx-header.ts'

export type { IdxPart }
export { maxHeaderBytes }

/** null as long as `head` does not hold the header. Errors: `invalid_dataset`. */
export function idxFileBytes(part: IdxPart, head: Uint8Array): number | null {
  try {
    const header = readIdxHeader(part, head)
    return header && header.bytes + header.dataBytes
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new AppError('invalid_dataset', error.message)
  }
}
