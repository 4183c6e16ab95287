/**
 * @file Who Postgres runs as. It refuses root, so a program started by root lends it another user;
 * any other program runs it as itself.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

import { EmbeddedPostgresError } from './errors.ts'

/** Empty: the user of this program. Fits into the options of `spawn`. */
export interface OsUser {
  readonly uid?: number
  readonly gid?: number
}

const lentUsers = ['postgres', '_postgres', 'nobody'] // the second is macOS's spelling

/** The owner of the data, where there is data: a `postgres` user installed later does not matter. */
export function osUserFor(cluster: string): OsUser {
  const self = process.getuid?.()
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (self !== 0) {
    if (owner && owner.uid !== self) {
      throw new EmbeddedPostgresError(
        `The data in ${cluster} belongs to user ${owner.uid}, and this program runs as user ${self}. ` +
          'Start it as that user or as root, or set TRAINYARD_DATA to another folder.',
      )
    }
    return {}
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  return unprivilegedUser()
}

function unprivilegedUser(): OsUser {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of lentUsers) {
    const account = accounts.find(([accountName]) => accountName === name)
    if (account) return { uid: Number(account[2]) >>> 0, gid: Number(account[3]) >>> 0 }
  }
  throw new EmbeddedPostgresError(
    `Postgres refuses to run as root, and /etc/passwd has none of ${lentUsers.join(', ')}. ` +
      'Start this program as another user, or set DATABASE_URL to a Postgres of your own.',
  )
}

/** Asked of the system itself: modes alone say nothing of ACLs, and root may read what others may not. */
export function canEnter(user: OsUser, folder: string): boolean {
  if (user.uid === undefined) return true
  const { status } = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  })
  return status === 0
}
