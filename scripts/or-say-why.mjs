/** @file Ends a script on an error that its user can mend: the message, no stack, exit code 1. */
import { BuildError } from './build-steps.mjs'

export async function orSayWhy(action) {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
