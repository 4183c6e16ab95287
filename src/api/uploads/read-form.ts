/**
 * @file A form (multipart/form-data): one part `file`, and what the query could say as fields before or
 * after it.
 */
import type { Multipart } from '@fastify/multipart'

import { UploadQuery } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'
import { checkInput } from '../validation/check-input.ts'
import { clientPieces, withinIdleTime } from './client-pieces.ts'
import { requireFormat } from './file-format.ts'
import type { FileReader, ReadUpload, UploadRequest } from './read-upload.ts'

/** For the parser. The bytes of the file are counted where they are stored. */
export const formLimits = {
  files: 1,
  fileSize: Number.POSITIVE_INFINITY,
  fields: 64,
  fieldNameSize: 100,
  fieldSize: 4_096,
  parts: 65,
  headerPairs: 20,
} as const

type Fields = Record<string, string | string[]>

/** Errors: those of the reader, `invalid_multipart`, `upload_incomplete`, `invalid_request`. */
export async function readForm<T>(
  request: UploadRequest,
  reader: FileReader<T>,
): Promise<ReadUpload<T>> {
  const fields: Fields = {}
  let file: { readonly read: T } | undefined
  const parts = request.parts()
  for (;;) {
    const { done, value: part } = await withinIdleTime(parts.next(), brokenOff)
    if (done) break
    if (part.type === 'field') addField(fields, part)
    else file = { read: await readFile(part, { ...request.query, ...checkFields(fields) }, reader) }
  }
  if (!file) throw broken('expected one file part named "file", got none')
  return { file: file.read, fields: { ...request.query, ...checkFields(fields) } }
}

type Part<Type> = Extract<Multipart, { readonly type: Type }>

function readFile<T>(part: Part<'file'>, fields: UploadQuery, reader: FileReader<T>): Promise<T> {
  if (part.fieldname !== 'file') {
    throw broken(`expected the file in a part named "file", got ${JSON.stringify(part.fieldname)}`)
  }
  const { mimetype: mediaType, filename: fileName } = part
  const format = requireFormat({ format: fields.format, mediaType, fileName })
  return reader({ format, pieces: clientPieces(part.file, brokenOff) })
}

function addField(fields: Fields, { fieldname, value, ...field }: Part<'field'>): void {
  if (fieldname === 'file') throw broken('the part "file" has no file name, so it is not a file')
  if (field.valueTruncated || typeof value !== 'string') {
    throw broken(`expected ${JSON.stringify(fieldname)} to be text of at most 4096 bytes`)
  }
  const before = fields[fieldname]
  fields[fieldname] = before === undefined ? value : [before, value].flat()
}

function checkFields(fields: Fields): UploadQuery {
  const checked = checkInput(UploadQuery, fields, 'body')
  if ('error' in checked) throw checked.error
  return checked.value
}

/** The parser's errors have codes of the framework, or come from where the form is cut up. */
function brokenOff(cause: unknown): AppError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'FST_MP_PREMATURE_CLOSE') {
    return new AppError('upload_incomplete', 'The connection ended before the form did.', { cause })
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  return broken(message.replace(/\.$/, ''), cause)
}

function broken(message: string, cause?: unknown): AppError {
  return new AppError('invalid_multipart', `The form cannot be read: ${message}.`, { cause })
}
