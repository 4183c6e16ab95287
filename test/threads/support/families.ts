/**
 * @file One small job for each family of models, from test/fixtures/families: a spec, and how many lines
 * of which file it learns from. `npm run same-bits` trains the same ones.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import type { DatasetFormat } from '../../../src/contract/datasets.ts'
import { Spec } from '../../../src/contract/spec/spec.ts'
import type { DatasetFile } from '../../../src/contract/tasks.ts'
import { datasetFile, textFile } from './datasets.ts'

export interface Family {
  readonly name: string
  readonly spec: Spec
  readonly data: DatasetFile
  /** Of many short steps, whose threads would only wait for each other. */
  readonly maxThreads: number
}

const folder = 'test/fixtures/families'

export const families: readonly Family[] = readdirSync(folder).sort().map(readFamily)

function readFamily(entry: string): Family {
  const family: {
    readonly file: string
    readonly format: DatasetFormat
    readonly lines?: number
    readonly maxThreads?: number
    readonly spec: unknown
  } = JSON.parse(readFileSync(join(folder, entry), 'utf8'))
  const text = firstLines(readFileSync(family.file, 'utf8'), family.lines)
  return {
    name: basename(entry, '.json'),
    spec: Spec.parse(family.spec),
    maxThreads: family.maxThreads ?? Number.POSITIVE_INFINITY,
    data:
      family.format === 'text'
        ? textFile(text)
        : datasetFile(family.format, new TextEncoder().encode(text)),
  }
}

/** All of them where no number is given. */
function firstLines(text: string, lines?: number): string {
  return text
    .split(/(?<=\n)/)
    .slice(0, lines)
    .join('')
}
