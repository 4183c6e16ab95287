/**
 * @file Where the code of each kind of task lies, and how Node runs it.
 *
 * From dist the entries are plain JavaScript. From sources (tests, development) they are TypeScript,
 * and a thread does not inherit the loader of its parent when it is given its own arguments.
 */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

export type TaskKind = 'train' | 'follow' | 'predict' | 'parse' | 'calibrate'

/** By kind: the file whose default export runs one task. */
export type ThreadEntries = Readonly<Record<TaskKind, string>>

const isSource = import.meta.url.endsWith('.ts')

export const threadEntries: ThreadEntries = {
  train: entry('train'),
  follow: entry('follow'),
  predict: entry('predict'),
  parse: entry('parse'),
  calibrate: entry('calibrate'),
}

/** Loaded by every thread when it starts. */
export const preloadEntry = entry('preload')

export function threadArguments(): string[] {
  if (!isSource) return []
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
}

function entry(name: string): string {
  return fileURLToPath(new URL(`./${name}.thread.${isSource ? 'ts' : 'js'}`, import.meta.url))
}
