/**
 * @file What can go wrong in a command that whoever runs the service can mend: the message says how, and
 * is meant to be printed without a stack.
 */
export class AdminError extends Error {
  override readonly name = 'AdminError'
}

/** The command itself was written wrongly: nothing was begun. */
export class UsageError extends AdminError {}

/** Codes of the file system and of Postgres, in words that follow a colon. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its file system is read-only',
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  '53100': 'the disk of the database is full',
  '55P03': 'others use its tables; stop the service, or try again',
  '40P01': 'others use its tables; stop the service, or try again',
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The reason in words, where it is known, with what the system said. */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  const reason = reasons[codeOf(error)]
  return reason === undefined ? said : `${reason} (${said})`
}
