/**
 * @file An upload, whichever way it comes: the file itself as the body, or a form with one file in it.
 * What is done with the file is up to the caller.
 */
import { Readable } from 'node:stream'

import type { FastifyRequest } from 'fastify'

import type { UploadQuery } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'
import { clientPieces } from './client-pieces.ts'
import { requireFormat } from './file-format.ts'
import { readForm } from './read-form.ts'
import type { IncomingFile } from './receive-file.ts'

export interface UploadRequest extends FastifyRequest {
  readonly query: UploadQuery
}

export type FileReader<T> = (file: IncomingFile) => Promise<T>

export interface ReadUpload<T> {
  /** What the reader made of the file. */
  readonly file: T
  readonly fields: UploadQuery
}

/**
 * Errors: those of the reader, `unsupported_media_type`, `upload_incomplete`, `request_timeout`,
 * `invalid_multipart`, `invalid_request` for fields that are none.
 */
export async function readUpload<T>(
  request: UploadRequest,
  reader: FileReader<T>,
): Promise<ReadUpload<T>> {
  refuseEncoding(request)
  if (request.isMultipart()) return readForm(request, reader)
  const { 'content-type': mediaType, 'content-length': length } = request.headers
  const file = await reader({
    format: requireFormat({ format: request.query.format, mediaType }),
    pieces: clientPieces(bodyOf(request), brokenOff),
    announcedBytes: length === undefined ? undefined : Number(length),
  })
  return { file, fields: request.query }
}

function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return
  throw new AppError(
    'unsupported_media_type',
    `Expected a file without Content-Encoding, got ${JSON.stringify(encoding.slice(0, 100))}.`,
  )
}

/** Without a body the framework calls no parser. */
function bodyOf({ body }: FastifyRequest): Readable {
  return body instanceof Readable ? body : Readable.from([])
}

function brokenOff(cause: unknown): AppError {
  return new AppError('upload_incomplete', 'The connection ended before the file did.', { cause })
}
