/**
 * @file `trainyard doctor`: whether this machine and its databases keep what the service promises. It
 * changes nothing, but for the embedded Postgres, which it starts for as long as it looks.
 */
import { withDeadline } from '../../queue/deadline.ts'
import { describeRedis } from '../../queue/describe-redis.ts'
import { describeDatabase } from '../../store/describe-database.ts'
import { readArguments } from '../arguments.ts'
import type { Command, Surroundings } from '../command.ts'
import { reasonOf } from '../errors.ts'
import { examineDatabase } from './examine-database.ts'
import { examineDisk, examineOpenFiles } from './examine-machine.ts'
import { examineRedis } from './examine-redis.ts'
import { examineWorkers } from './examine-workers.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

export const doctor: Command = {
  usage: '[--json]',
  summary: 'looks whether this machine and its databases keep what Trainyard promises',

  async run(args, surroundings) {
    const asJson = readArguments(args, { switches: ['json'] }).has('json')
    const findings = [
      ok('trainyard', surroundings.trainyardVersion),
      ok('node', `${process.version} on ${process.platform} ${process.arch}`),
      ...examineKernels(surroundings),
      examineOpenFiles(),
      ...(await examineStore(surroundings)),
      ...(await examineQueue(surroundings)),
    ]
    const failures = findings.filter(({ status }) => status === 'failed').length
    const status = failures === 0 ? 'ok' : 'failed'
    surroundings.print(
      asJson ? JSON.stringify({ status, findings }, null, 2) : describe(findings, failures),
    )
    return failures === 0 ? 0 : 1
  },
}

function examineKernels({ loadKernels }: Surroundings): Finding[] {
  try {
    const { table, native_missing: missing } = loadKernels()
    if (missing === null) return [ok('kernels', table)]
    return [warning('kernels', table, `The native ones, twice as fast, are not used: ${missing}.`)]
  } catch (error) {
    return [failed('kernels', 'none', `${reasonOf(error)} Change TRAINYARD_KERNELS.`)]
  }
}

/** A Postgres that hangs accepts connections, and answers nothing. */
const answersWithinMs = 15_000

async function examineStore(surroundings: Surroundings): Promise<Finding[]> {
  try {
    const { url, dataFolder } = await surroundings.openDatabase()
    const looking = describeDatabase(url)
    const facts = await withDeadline(looking, answersWithinMs, 'The answer of Postgres')
    return [
      ...(dataFolder === null ? [] : [examineDisk(dataFolder)]),
      ...examineDatabase(facts, surroundings.connectionsPerProcess),
      ...examineWorkers(facts.largestMemoryBytes, surroundings.maxJobBytes),
    ]
  } catch (error) {
    return [
      failed(
        'postgres',
        'does not answer',
        `${reasonOf(error)}. No part of the service starts without it.`,
      ),
    ]
  }
}

async function examineQueue({ redisUrl }: Surroundings): Promise<Finding[]> {
  if (redisUrl === null) return [ok('queue', 'on the same Postgres')]
  try {
    return examineRedis(await describeRedis(redisUrl))
  } catch (error) {
    return [failed('redis', 'does not answer', `${reasonOf(error)}. Check REDIS_URL.`)]
  }
}

const marks = { ok: 'ok  ', warning: 'warn', failed: 'FAIL' } as const

function describe(findings: readonly Finding[], failures: number): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = findings.flatMap(({ name, status, found, advice }) => [
    `${marks[status]}  ${name.padEnd(width)}  ${found}`,
    ...(advice === null ? [] : [`      ${' '.repeat(width)}  ${advice}`]),
  ])
  const end = failures === 0 ? 'All is as it should be.' : `${failures} must be mended.`
  return [...lines, '', end].join('\n')
}
