/** @file `trainyard backup` and `trainyard restore`, as they stand on a command line. */
import { migrate } from '../../store/migrate.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { describeBytes, describeCount, describeSeconds } from '../quantities.ts'
import { restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

export const backup: Command = {
  usage: '<file>',
  summary: 'writes everything that Trainyard keeps into one file, while it runs or not',

  async run(args, { openDatabase, trainyardVersion, signal, print }) {
    const [path] = readArguments(args, { values: ['<file>'] }).values
    const startedAtMs = performance.now()
    const { url } = await openDatabase()
    const { tables, rows, bytes } = await writeBackup({
      databaseUrl: url,
      path,
      trainyardVersion,
      signal,
    })
    print(
      `${path}: ${describeBytes(bytes)}, ${describeCount(rows, 'row')} of ` +
        `${describeCount(tables, 'table')}, in ${describeSeconds(performance.now() - startedAtMs)}.`,
    )
    print(
      'It holds the data of all projects and the hashes of their keys: keep it as safe as those.',
    )
    return 0
  },
}

export const restore: Command = {
  usage: '<file> [--force]',
  summary: 'fills an empty database from it; --force REMOVES what the database holds first',

  async run(args, { openDatabase, migrationsFolder, log, signal, print }) {
    const given = readArguments(args, { values: ['<file>'], switches: ['force'] })
    const [path] = given.values
    const startedAtMs = performance.now()
    const { createdAt, tables, rows } = await restoreBackup({
      async openDatabase() {
        const { url } = await openDatabase()
        await migrate({ connectionString: url, folder: migrationsFolder, log })
        return url
      },
      path,
      replace: given.has('force'),
      signal,
    })
    print(
      `Restored ${path} of ${createdAt}: ${describeCount(rows, 'row')} of ` +
        `${describeCount(tables, 'table')}, in ${describeSeconds(performance.now() - startedAtMs)}. ` +
        'Every blob has the SHA-256 that it was stored with.',
    )
    print('Jobs that waited or ran go on once the service runs; the queue is made anew from them.')
    return 0
  },
}
