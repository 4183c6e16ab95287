/** @file What storing inline rows and planning with them share: one file, and where its errors point. */
import type { DatasetProfile, Row, TableProfile } from '../../contract/datasets.ts'
import { AppError } from '../../contract/errors.ts'

/** The rows as the file that they become. */
export function fileOfRows(rows: readonly Row[]): Buffer {
  return Buffer.from(JSON.stringify(rows))
}

export function tableOf(profile: DatasetProfile): TableProfile {
  if (profile.kind === 'table') return profile
  throw new Error('JSON rows were read as text.')
}

/** A file has no pointer into the body; rows do. */
export async function pointingAtRows<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_dataset') throw error
    const { code, message: detail } = error
    throw new AppError(code, detail, {
      errors: [{ pointer: '/dataset/rows', code, detail }],
      cause: error,
    })
  }
}
