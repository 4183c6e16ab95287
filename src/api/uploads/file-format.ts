/** @file What kind of file an upload is: as the client says, or as type or name of the file tell. */
import { DatasetFormat, datasetFormats } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'

export interface FileSigns {
  /** `?format=`, or the field of that name: goes before everything else. */
  readonly format?: DatasetFormat | undefined
  readonly mediaType?: string | undefined
  readonly fileName?: string | undefined
}

/** Names in use for the same formats, beside those that we name. */
const otherTypes: Readonly<Record<string, DatasetFormat>> = {
  'application/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/jsonl': 'jsonl',
  'application/x-jsonlines': 'jsonl',
  'application/jsonlines': 'jsonl',
  'application/ndjson': 'jsonl',
}

const extensions: Readonly<Record<string, DatasetFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  txt: 'text',
  idx: 'idx',
}

/** Errors: `unsupported_media_type`. */
export function requireFormat(signs: FileSigns): DatasetFormat {
  const { format, mediaType, fileName } = signs
  const found = format ?? formatOfType(mediaType) ?? formatOfName(fileName)
  if (found) return found
  const types = Object.values(datasetFormats).join(', ')
  throw new AppError(
    'unsupported_media_type',
    `Expected Content-Type ${types}, or "format" (${DatasetFormat.options.join(', ')}) to say ` +
      `what the file is; got ${mediaType === undefined ? 'neither' : JSON.stringify(mediaType.slice(0, 100))}.`,
  )
}

function formatOfType(mediaType: string | undefined): DatasetFormat | undefined {
  const type = mediaType?.split(';')[0].trim().toLowerCase()
  if (type === undefined) return undefined
  const ours = DatasetFormat.options.find((format) => datasetFormats[format] === type)
  return ours ?? (Object.hasOwn(otherTypes, type) ? otherTypes[type] : undefined)
}

function formatOfName(fileName: string | undefined): DatasetFormat | undefined {
  const extension = fileName?.split('.').at(-1)?.toLowerCase() ?? ''
  return Object.hasOwn(extensions, extension) ? extensions[extension] : undefined
}
