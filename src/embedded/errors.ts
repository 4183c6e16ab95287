/**
 * @file What can go wrong with the embedded Postgres that its user can mend: the message says how, and
 * is meant to be printed without a stack.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}

/** By the code of the file system. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'it is not a folder',
  ENOENT: 'the system makes no folder there',
  ENAMETOOLONG: 'its path is too long',
}

/** What the file system refused, in words for whoever chose the folder; any other error as it is. */
export function explainRefusal(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const reason = refusals[String(error.code)]
  if (reason === undefined) return error
  return new EmbeddedPostgresError(
    `The data folder ${folder} cannot be used: ${reason} (${error.message}). ` +
      'Mend that, or set TRAINYARD_DATA to a folder that this user may write to.',
    { cause: error },
  )
}
