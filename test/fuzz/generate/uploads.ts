/**
 * @file Uploads as they go over the wire: a file, and the length that is said of it: the truth, or more
 * or less than what comes.
 */
import fc from 'fast-check'

import { type FileBody, fileBody, mutated, soundFiles } from './files.ts'
import { hostileFiles } from './hostile-files.ts'

export interface Upload extends FileBody {
  /** The `content-length`, less the bytes that come. */
  readonly saidTooMuch: number
}

/** The rest are long for the sake of it, and chance would not make them worse. */
const longestToMutate = 2_000

const ofCorpus = hostileFiles()
  .filter(({ bytes }) => bytes.length <= longestToMutate)
  .map(({ mediaType, bytes }) => mutated(bytes).map((changed) => ({ mediaType, bytes: changed })))

const anyFile: fc.Arbitrary<FileBody> = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(...ofCorpus) },
  { weight: 2, arbitrary: fc.oneof(...Object.keys(soundFiles).map(fileBody)) },
  { weight: 1, arbitrary: fileBody('multipart/form-data') },
)

const lie = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 100, 1_000_000, 2 ** 40) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -7, -50) },
)

export const uploads: fc.Arbitrary<Upload> = fc
  .tuple(anyFile, lie)
  .map(([file, saidTooMuch]) => ({ ...file, saidTooMuch }))
