/**
 * @file An upload, read while it arrives: checked, profiled, its first rows kept. What comes out is
 * all that the service knows of a dataset until it is trained on.
 */
import type { Cell, DatasetFormat, DatasetProfile } from '../../contract/datasets.ts'
import { createIdxReader } from '../images/idx-reader.ts'
import { maxCellBytes } from '../parsers/cell-size.ts'
import { createTableParser, type TableFormat } from '../parsers/table-parser.ts'
import { createTextReader } from '../parsers/text-reader.ts'
import { createPreview } from './preview.ts'
import { createTableProfiler, type TableProfiler } from './table-profiler.ts'

export interface DatasetReader {
  write(bytes: Uint8Array): void
  end(): { profile: DatasetProfile; preview: Cell[][] }
}

export interface DatasetReaderOptions {
  readonly maxColumns: number
}

/** Throws DataError from `write` and `end`. */
export function createDatasetReader(
  format: DatasetFormat,
  options: DatasetReaderOptions,
): DatasetReader {
  if (format === 'text') return createPlainTextReader()
  return format === 'idx' ? createImageReader() : createTableReader(format, options)
}

function createTableReader(
  format: TableFormat,
  { maxColumns }: DatasetReaderOptions,
): DatasetReader {
  const preview = createPreview()
  let profiler: TableProfiler | undefined
  const parser = createTableParser(format, {
    maxColumns,
    maxCellBytes,
    onRow(cells, columns) {
      profiler ??= createTableProfiler(columns)
      profiler.add(cells)
      preview.add(cells)
    },
  })

  return {
    write: parser.write,
    end() {
      const { columns } = parser.end()
      const profile = (profiler ?? createTableProfiler(columns)).finish()
      return { profile, preview: preview.finish(profile) }
    },
  }
}

function createImageReader(): DatasetReader {
  const reader = createIdxReader()
  return { write: reader.write, end: () => ({ profile: reader.end(), preview: [] }) }
}

function createPlainTextReader(): DatasetReader {
  const reader = createTextReader()
  return {
    write: reader.write,
    end() {
      return { profile: { kind: 'text', ...reader.end(), warnings: [] }, preview: [] }
    },
  }
}
