/** @file The settings of Postgres that the promises of the service rest on. */
import type { DatabaseFacts, SettingName } from '../../store/describe-database.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

const oldestVersionNumber = 140_000

/** Timestamps and the expiry of keys are the database's; people compare them with their own clock. */
const clockSkewLimitMs = 1_000

interface Expectation {
  readonly name: SettingName
  /** Any of these. */
  readonly values: readonly string[]
  readonly why: string
}

const expectations: readonly Expectation[] = [
  {
    name: 'fsync',
    values: ['on'],
    why: 'Without it a crash of the machine may destroy the database.',
  },
  {
    name: 'synchronous_commit',
    values: ['on', 'remote_apply', 'remote_write', 'local'],
    why: 'Without it a crash may lose jobs that were accepted.',
  },
  {
    name: 'full_page_writes',
    values: ['on'],
    why: 'Without it a crash of the machine may leave half-written pages.',
  },
  {
    name: 'zero_damaged_pages',
    values: ['off'],
    why: 'It throws damaged rows away instead of saying so.',
  },
  { name: 'default_transaction_read_only', values: ['off'], why: 'Nothing can be written.' },
  { name: 'server_encoding', values: ['UTF8'], why: 'Names and texts of datasets may be refused.' },
]

export function examineDatabase(facts: DatabaseFacts, connectionsPerProcess: number): Finding[] {
  return [
    examineVersion(facts),
    ...expectations.map((expected) => examineSetting(facts.settings[expected.name], expected)),
    examineConnections(Number(facts.settings.max_connections), connectionsPerProcess),
    facts.isStandby
      ? failed(
          'standby',
          'yes',
          'Expected the primary: a standby takes no writes. Change DATABASE_URL.',
        )
      : ok('standby', 'no'),
    facts.isMigrated
      ? ok('schema', 'there, and whole')
      : warning('schema', 'not there', 'The service makes it when it starts.'),
    examineClock(facts.clockSkewMs),
  ]
}

function examineVersion({ version, versionNumber }: DatabaseFacts): Finding {
  return versionNumber >= oldestVersionNumber
    ? ok('postgres', version)
    : failed('postgres', version, 'Expected PostgreSQL 14 or newer.')
}

function examineSetting(found: string, { name, values, why }: Expectation): Finding {
  if (values.includes(found)) return ok(name, found)
  return failed(name, found, `Expected ${values[0]}. ${why}`)
}

function examineConnections(max: number, perProcess: number): Finding {
  const found = `${max}, a process of the service opens up to ${perProcess}`
  if (max >= perProcess) return ok('max_connections', found)
  return failed('max_connections', found, 'Raise it, or lower DATABASE_CONNECTIONS or MAX_UPLOADS.')
}

function examineClock(skewMs: number): Finding {
  const found = `${Math.abs(Math.round(skewMs))} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`
  if (Math.abs(skewMs) <= clockSkewLimitMs) return ok('database clock', found)
  return warning(
    'database clock',
    found,
    'Expected within 1 s: let both machines keep time by NTP. Leases go by the database alone.',
  )
}
