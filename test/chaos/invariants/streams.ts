/** @file I9: over all its connections a reader gets each status once, in order, and no loss point twice. */
import type { Database, Evidence, SeenStream, Violation } from './types.ts'

export async function checkStreams({ database, streams = [] }: Evidence): Promise<Violation[]> {
  const told = await toldOf(
    database,
    streams.map(({ jobId }) => jobId),
  )
  return streams.flatMap((stream) =>
    complaintsOf(stream, told.get(stream.jobId) ?? []).map(
      (what): Violation => ({ invariant: 'I9', jobId: stream.jobId, what }),
    ),
  )
}

/** The numbers of the events that every reader must get. */
async function toldOf(
  database: Database,
  jobIds: readonly string[],
): Promise<Map<string, readonly number[]>> {
  const { rows } = await database.query<{ job_id: string; seqs: number[] }>(
    `SELECT job_id, array_agg(seq ORDER BY seq) AS seqs FROM events
    WHERE type IN ('status', 'end') AND job_id = ANY($1::text[]) GROUP BY job_id`,
    [jobIds],
  )
  return new Map(rows.map(({ job_id, seqs }) => [job_id, seqs]))
}

function complaintsOf({ messages }: SeenStream, expected: readonly number[]): string[] {
  const complaints: string[] = []
  const seqs = messages.map(({ seq }) => seq)
  const backwards = seqs.findIndex((seq, i) => i > 0 && seq <= seqs[i - 1])
  if (backwards >= 0) {
    complaints.push(`event ${seqs[backwards]} came after event ${seqs[backwards - 1]}`)
  }
  const statuses = messages.filter(({ type }) => type === 'status' || type === 'end')
  const got = statuses.map(({ seq }) => seq)
  if (got.join() !== expected.join()) {
    complaints.push(`its statuses were the events ${got.join()}, expected ${expected.join()}`)
  }
  const points = new Set<string>()
  for (const point of messages.flatMap((message) => message.points ?? [])) {
    if (points.has(point)) {
      complaints.push(`the point ${point} came twice`)
      break
    }
    points.add(point)
  }
  return complaints
}
