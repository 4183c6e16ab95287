/**
 * @file A spec that does not fit its dataset: every complaint at once, each with a pointer into the
 * spec, so that one round trip is enough to set them all right.
 */
import { AppError, type ErrorItem } from '../contract/errors.ts'

/** More complaints than this help nobody. */
const maxItems = 20

export class SpecError extends AppError {
  constructor(items: readonly ErrorItem[]) {
    const more = items.length > 1 ? ` (and ${items.length - 1} more)` : ''
    super('invalid_spec', `${items[0]?.detail ?? 'The spec does not fit the dataset.'}${more}`, {
      errors: items.slice(0, maxItems),
    })
    this.name = 'SpecError'
  }
}
