/** @file Reading a job's events in order, each loss event with its points. */
import type { JobEvent } from '../../contract/events.ts'
import { type RawPoint, toLossPoint } from '../../contract/losses.ts'
import { fromJson } from '../json.ts'
import type { Queryable } from '../transaction.ts'

interface EventRow {
  readonly seq: number
  readonly type: JobEvent['type']
  readonly at: Date
  readonly data: unknown
}

interface PointRow extends RawPoint {
  readonly seq: number
}

/** Events after `afterSeq`, at most `limit`. The caller has seen that the job is the project's. */
export async function readEvents(
  db: Queryable,
  jobId: string,
  afterSeq: number,
  limit: number,
): Promise<JobEvent[]> {
  const events = await db.query<EventRow>(
    'SELECT seq, type, at, data FROM events WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    [jobId, afterSeq, limit],
  )
  const lossSeqs = events.rows.filter(({ type }) => type === 'loss').map(({ seq }) => seq)
  const points = lossSeqs.length > 0 ? await pointsBySeq(db, jobId, lossSeqs) : new Map()
  return events.rows.map((row) => toEvent(row, points.get(row.seq) ?? []))
}

async function pointsBySeq(
  db: Queryable,
  jobId: string,
  seqs: readonly number[],
): Promise<Map<number, RawPoint[]>> {
  const { rows } = await db.query<PointRow>(
    `SELECT seq, name, step, value FROM losses
    WHERE job_id = $1 AND seq = ANY($2::int[]) ORDER BY seq, step, name`,
    [jobId, seqs],
  )
  const bySeq = new Map<number, RawPoint[]>()
  for (const { seq, ...point } of rows) {
    const points = bySeq.get(seq)
    if (points) points.push(point)
    else bySeq.set(seq, [point])
  }
  return bySeq
}

function toEvent({ seq, type, at, data }: EventRow, points: readonly RawPoint[]): JobEvent {
  const event = { seq, type, at: at.toISOString(), data: fromJson<object>(data) }
  if (type !== 'loss') return fromJson<JobEvent>(event)
  return fromJson<JobEvent>({
    ...event,
    data: { ...event.data, points: points.map(toLossPoint) },
  })
}

/** The number of the last event of each job, for whoever watches many. */
export async function readLastSeqs(
  db: Queryable,
  jobIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; seq: number }>(
    'SELECT id, event_seq AS seq FROM jobs WHERE id = ANY($1::text[])',
    [jobIds],
  )
  return new Map(rows.map(({ id, seq }) => [id, seq]))
}
