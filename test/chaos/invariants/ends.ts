/** @file I1 to I3: every accepted job ends once, for good, and with a result exactly if it succeeded. */
import type { JobStatus } from '../../../src/contract/jobs.ts'
import type { AcceptedJob, Database, Evidence, TerminalStatus, Violation } from './types.ts'

interface JobRow {
  readonly id: string
  readonly status: JobStatus
  readonly reason: string | null
  readonly transitions: readonly { readonly status: JobStatus }[]
  readonly event_seq: number
  readonly ends: number
  readonly last_end: number | null
  readonly events: number
  readonly last_event: number
  readonly weights_sha256: string | null
  readonly late_runs: number
  readonly open_runs: number
}

const jobsSql = `
SELECT id, status::text, status_reason ->> 'code' || ': ' || (status_reason ->> 'message') AS reason,
  transitions, event_seq,
  (SELECT count(*)::int FROM events WHERE job_id = jobs.id AND type = 'end') AS ends,
  (SELECT max(seq) FROM events WHERE job_id = jobs.id AND type = 'end') AS last_end,
  (SELECT count(*)::int FROM events WHERE job_id = jobs.id) AS events,
  (SELECT max(seq) FROM events WHERE job_id = jobs.id) AS last_event,
  (SELECT sha256 FROM weights WHERE job_id = jobs.id) AS weights_sha256,
  (SELECT count(*)::int FROM runs WHERE job_id = jobs.id AND started_at > jobs.ended_at) AS late_runs,
  (SELECT count(*)::int FROM runs WHERE job_id = jobs.id AND status = 'running') AS open_runs
FROM jobs`

const isTerminal = (status: JobStatus): status is TerminalStatus =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled'

export async function checkEnds(evidence: Evidence): Promise<Violation[]> {
  const { database, accepted, seen = [] } = evidence
  const { rows } = await database.query<JobRow>(jobsSql)
  const jobs = new Map(rows.map((row) => [row.id, row]))
  return [
    ...accepted.flatMap((job) => checkAccepted(job, jobs.get(job.id))),
    ...(await checkNames(evidence)),
    ...rows.filter(({ status }) => isTerminal(status)).flatMap(checkLastWord),
    ...rows.flatMap(checkResult),
    ...seen.flatMap(({ id, status, weightsSha256 }): Violation[] => {
      const job = jobs.get(id)
      if (!job || !isTerminal(status)) return []
      if (job.status === status && job.weights_sha256 === weightsSha256) return []
      const was = `${status} with ${weightsSha256}`
      const what = `a client saw ${was}; now it is ${job.status} with ${job.weights_sha256}`
      return [{ invariant: 'I2', jobId: id, what }]
    }),
    ...(await checkStatusChanges(database)),
  ]
}

function checkAccepted({ id, ends }: AcceptedJob, job: JobRow | undefined): Violation[] {
  const lost = (what: string): Violation[] => [{ invariant: 'I1', jobId: id, what }]
  if (!job) return lost('it was accepted, and is not there')
  if (!isTerminal(job.status)) return lost(`it is still ${job.status}`)
  if (!ends.includes(job.status)) return lost(`it ended as ${job.status} (${job.reason})`)
  return []
}

/** One job a request, and none only where nobody was told of one. */
async function checkNames({ database, named = [] }: Evidence): Promise<Violation[]> {
  const { rows } = await database.query<{ name: string; n: number }>(
    'SELECT name, count(*)::int AS n FROM jobs WHERE name = ANY($1::text[]) GROUP BY name',
    [named.map(({ name }) => name)],
  )
  const counts = new Map(rows.map(({ name, n }) => [name, n]))
  return named.flatMap(({ name, isAnswered }): Violation[] => {
    const n = counts.get(name) ?? 0
    if (n === 1 || (n === 0 && !isAnswered)) return []
    return [{ invariant: 'I1', jobId: null, what: `the request ${name} made ${n} jobs` }]
  })
}

/** Of a job that has ended: nothing happened to it afterwards. */
function checkLastWord(job: JobRow): Violation[] {
  const ended = job.transitions.filter(({ status }) => isTerminal(status))
  const complaints = [
    ended.length !== 1 && `it has reached ${ended.length} terminal states`,
    job.transitions.at(-1)?.status !== job.status && 'its last transition is not its status',
    job.ends !== 1 && `it has ${job.ends} end events`,
    job.last_end !== job.last_event && 'an event came after its end',
    job.events !== job.event_seq && `it has ${job.events} events of ${job.event_seq}`,
    job.late_runs > 0 && 'a run began after its end',
    job.open_runs > 0 && 'one of its runs goes on',
  ]
  return complaints
    .filter((what) => what !== false)
    .map((what) => ({ invariant: 'I2', jobId: job.id, what }))
}

function checkResult({ id, status, weights_sha256: sha256 }: JobRow): Violation[] {
  if ((status === 'succeeded') === (sha256 !== null)) return []
  const what = `it is ${status}, and its weights are ${sha256 ?? 'not there'}`
  return [{ invariant: 'I3', jobId: id, what }]
}

async function checkStatusChanges(database: Database): Promise<Violation[]> {
  const { rows } = await database.query<{ present: boolean }>(
    `SELECT to_regclass('chaos.writes') IS NOT NULL AS present`,
  )
  if (!rows[0]?.present) return []
  const changes = await database.query<{ job_id: string; what: string }>(
    `SELECT job_id, old_status || ' became ' || new_status AS what FROM chaos.writes
    WHERE old_status IN ('succeeded', 'failed', 'cancelled') AND new_status <> old_status`,
  )
  return changes.rows.map(({ job_id, what }) => ({ invariant: 'I2', jobId: job_id, what }))
}
