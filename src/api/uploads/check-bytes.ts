/** @file Whether a file of so many bytes may be stored: by itself, and beside what is there. */
import { AppError } from '../../contract/errors.ts'
import type { Limits } from '../../contract/tenancy.ts'

/** `used` is what the project's datasets hold. Errors: `payload_too_large`, `quota_exceeded`. */
export function checkBytes(bytes: number, used: number, limits: Limits): void {
  const { dataset_bytes, datasets_bytes_total } = limits
  if (bytes > dataset_bytes) {
    throw new AppError(
      'payload_too_large',
      `Expected a file of at most ${dataset_bytes} bytes (dataset_bytes), got at least ${bytes}.`,
    )
  }
  if (used + bytes > datasets_bytes_total) {
    throw new AppError(
      'quota_exceeded',
      `The datasets of this project may hold ${datasets_bytes_total} bytes together ` +
        `(datasets_bytes_total); they hold ${used}, and this file has at least ${bytes}.`,
    )
  }
}
