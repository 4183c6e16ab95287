/**
 * @file `trainyard collect`: removes now what the workers' collector would remove by and by; with --dry-run
 * it says what that is, and removes nothing.
 */
import { openCollector } from '../../store/retention/open-collector.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { AdminError, codeOf } from '../errors.ts'
import { collectReport } from './collect-report.ts'
import { printReport } from './print-report.ts'

export const collect: Command = {
  usage: '[--dry-run] [--json]',
  summary: 'removes what the retention policy lets go; --dry-run only says what that is',

  async run(args, { openDatabase, retention, signal, print }) {
    const given = readArguments(args, { switches: ['dry-run', 'json'] })
    const { url } = await openDatabase()
    const collector = await openCollector(url, retention)
    try {
      const report = await collectReport(collector, {
        policy: retention,
        isDryRun: given.has('dry-run'),
        signal,
      }).catch(orSayWhy)
      if (given.has('json')) print(JSON.stringify(report, null, 2))
      else printReport(report, print)
      return 0
    } finally {
      await collector.close()
    }
  },
}

/** A table, a column that is not there. */
const missing = ['42P01', '42703']

function orSayWhy(error: unknown): never {
  if (!missing.includes(codeOf(error))) throw error
  throw new AdminError(
    'The tables of this database are not those of this version. Start the service once: it brings them up to date.',
    { cause: error },
  )
}
