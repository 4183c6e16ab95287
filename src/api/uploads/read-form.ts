/**
 * @file A form (multipart/form-data): one part `file`, or two parts `images` and `labels`, in this
 * order; and what the query could say as fields before or after them.
 */
import type { Multipart } from '@fastify/multipart'

import { UploadQuery } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'
import { checkInput } from '../validation/check-input.ts'
import { clientPieces, withinIdleTime } from './client-pieces.ts'
import { requireFormat } from './file-format.ts'
import { imagesThenLabels } from './idx-parts.ts'
import type { FileReader, ReadUpload, UploadRequest } from './read-upload.ts'

/** For the parser. The bytes of the file are counted where they are stored. */
export const formLimits = {
  files: 2,
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
  const form = openForm(request)
  const first = await form.nextFile()
  if (!first) throw broken('expected one file part named "file", got none')
  const read = await readFile(first, form, reader)
  const another = await form.nextFile()
  if (another) throw broken(`expected no further file, got ${JSON.stringify(another.fieldname)}`)
  return { file: read, fields: form.fields() }
}

type Part<Type> = Extract<Multipart, { readonly type: Type }>

interface Form {
  /** The next part that is a file; fields before it are kept. undefined at the end. */
  nextFile(): Promise<Part<'file'> | undefined>
  /** So far, over those of the query. */
  fields(): UploadQuery
}

function openForm(request: UploadRequest): Form {
  // While it waited for its turn: the parser would wait for an end that has been.
  if (request.raw.destroyed) throw incomplete()
  const fields: Fields = {}
  const parts = request.parts()
  return {
    async nextFile() {
      for (;;) {
        const { done, value: part } = await withinIdleTime(parts.next(), brokenOff)
        if (done) return undefined
        if (part.type === 'file') return part
        addField(fields, part)
      }
    },
    fields: () => ({ ...request.query, ...checkFields(fields) }),
  }
}

function readFile<T>(part: Part<'file'>, form: Form, reader: FileReader<T>): Promise<T> {
  const { fieldname, mimetype: mediaType, filename: fileName } = part
  const { format } = form.fields()
  if (fieldname === 'images') {
    if (format && format !== 'idx')
      throw broken(`the part "images" is for idx files, not ${format}`)
    const pieces = imagesThenLabels(piecesOf(part), () => labelsPart(form))
    return reader({ format: 'idx', pieces })
  }
  if (fieldname !== 'file') {
    const expected = 'a part named "file", or in "images" and then "labels"'
    throw broken(`expected the file in ${expected}, got ${JSON.stringify(fieldname)}`)
  }
  const known = requireFormat({ format, mediaType, fileName })
  return reader({ format: known, pieces: clientPieces(part.file, brokenOff) })
}

async function labelsPart(form: Form): Promise<AsyncIterable<Uint8Array>> {
  const part = await form.nextFile()
  if (part?.fieldname === 'labels') return piecesOf(part)
  const came = part ? JSON.stringify(part.fieldname) : 'none'
  throw broken(`expected a file part named "labels" after "images", got ${came}`)
}

/** To the end of the part, also when what it holds ends before: the parser waits for that. */
async function* piecesOf({ file }: Part<'file'>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* clientPieces(file, brokenOff)
  } finally {
    file.resume()
  }
}

function addField(fields: Fields, { fieldname, value, ...field }: Part<'field'>): void {
  if (fieldname === 'file' || fieldname === 'images' || fieldname === 'labels') {
    throw broken(`the part ${JSON.stringify(fieldname)} has no file name, so it is not a file`)
  }
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
    return incomplete(cause)
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  return broken(message.replace(/\.$/, ''), cause)
}

function incomplete(cause?: unknown): AppError {
  return new AppError('upload_incomplete', 'The connection ended before the form did.', { cause })
}

function broken(message: string, cause?: unknown): AppError {
  return new AppError('invalid_multipart', `The form cannot be read: ${message}.`, { cause })
}
