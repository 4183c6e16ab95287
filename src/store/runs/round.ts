/**
 * @file The order of the claim: whose turn it is among projects, and in which order a project's own jobs
 * come. Common table expressions that claim-next.ts puts in front of its own.
 *
 * A weighted round robin. Each project has a time at which its next turn is due, on a clock that only
 * claims move: a job puts it off by 1/weight, so in a round a project of weight 3 has three jobs where
 * one of weight 1 has one. Who had no job for a while is due now, and saves up no turns. A project that
 * has as many jobs or threads at work as its limits allow is left out, and within a project the highest
 * priority comes first, then the oldest.
 *
 * Parameters: $3 the memory that is free, $6 all of the worker's; $5 the longest a job may take, or null;
 * $4 ids for as many runs as are asked for; $7, $8 jobs and threads of a project unless it has limits of
 * its own; $9 how often a job may be passed.
 */

/**
 * Hops over the index from project to project, so its cost grows with the projects that wait, not with
 * the jobs.
 */
const waiting = `
waiting (project_id) AS (
  (SELECT project_id FROM jobs WHERE status = 'queued' ORDER BY project_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT j.project_id FROM jobs j
    WHERE j.status = 'queued' AND j.project_id > w.project_id ORDER BY j.project_id LIMIT 1
  )
  FROM waiting w WHERE w.project_id IS NOT NULL
)`

/** Where each project stands: its turn, its limits, and what it has at work. */
const standing = `
standing AS MATERIALIZED (
  SELECT w.project_id, p.weight, t.due_at, t.came_at,
    coalesce((p.limits ->> 'jobs_running')::int, $7) AS max_jobs,
    coalesce((p.limits ->> 'threads')::int, $8) AS max_threads,
    (p.limits ->> 'job_seconds')::float8 AS job_seconds,
    running.jobs, running.threads
  FROM waiting w
  CROSS JOIN LATERAL (SELECT weight, limits FROM projects WHERE id = w.project_id) p
  CROSS JOIN LATERAL (
    SELECT coalesce(max(due_at), 0) AS due_at, coalesce(max(came_at), 0) AS came_at
    FROM turns WHERE project_id = w.project_id
  ) t
  CROSS JOIN LATERAL (
    SELECT count(*) AS jobs, coalesce(sum(plan_threads), 0) AS threads
    FROM jobs WHERE status = 'running' AND project_id = w.project_id
  ) running
  WHERE w.project_id IS NOT NULL
)`

/**
 * The clock stands where the last turn came. More projects than jobs asked for: some have none that fit
 * just now. Those that have none that could ever run here are left out, or some of them would be first for
 * ever; they are looked at one by one, down to the last that is needed.
 */
const entitled = `
entitled AS MATERIALIZED (
  SELECT o.* FROM (
    SELECT *, greatest(due_at, (SELECT max(came_at) FROM standing)) AS turn
    FROM standing WHERE jobs < max_jobs AND threads < max_threads
    ORDER BY turn, due_at, project_id
  ) o CROSS JOIN LATERAL (
    SELECT 1 FROM jobs
    WHERE status = 'queued' AND project_id = o.project_id AND plan_bytes <= $6 LIMIT 1
  ) possible
  LIMIT cardinality($4::text[]) + 15
)`

/**
 * The next jobs of each, more than are asked for: other claims of the same moment have locked some.
 * Those that do not fit keep their place, so that it is known who is passed. One that was passed too often
 * counts with its threads: where its project has too many at work it waits for those, and so do the
 * project's jobs behind it, but nobody else.
 */
const heads = `
heads AS (
  SELECT e.project_id, e.weight, e.turn AS due, e.due_at, e.job_seconds, e.max_jobs, e.max_threads,
    e.jobs AS working_jobs, e.threads AS working_threads, h.id, h.place, h.fits, h.overtaken, h.threads,
    e.turn + h.before::float8 / e.weight AS turn
  FROM entitled e CROSS JOIN LATERAL (
    SELECT *,
      row_number() OVER ahead AS place,
      count(*) FILTER (WHERE fits) OVER ahead - fits::int AS before,
      sum(threads) FILTER (WHERE fits OR overtaken >= $9) OVER ahead AS threads_until
    FROM (
      SELECT id, priority, overtaken, least(plan_threads, e.max_threads) AS threads,
        plan_bytes <= $3 AND ($5::float8 IS NULL OR plan_seconds <= $5) AS fits
      FROM jobs j
      WHERE j.status = 'queued' AND j.project_id = e.project_id AND j.plan_bytes <= $6
      ORDER BY j.priority DESC, j.id
      LIMIT greatest(cardinality($4::text[]) + 2, 64 / nullif((SELECT count(*) FROM entitled), 0))
    ) next
    WINDOW ahead AS (ORDER BY priority DESC, id ROWS UNBOUNDED PRECEDING)
  ) h
  WHERE e.jobs + h.before < e.max_jobs
    AND e.threads + coalesce(h.threads_until, 0) <= e.max_threads
)`

/**
 * Nothing behind the barrier may be claimed: a job that was passed too often waits there for room. So
 * small jobs fill the gaps before a large one, and do not keep it waiting for ever.
 */
const ranked = `
ranked AS MATERIALIZED (
  SELECT *, row_number() OVER (ORDER BY turn, due_at, project_id, place) AS rank FROM heads
), barrier AS (
  SELECT min(rank) AS rank FROM ranked WHERE NOT fits AND overtaken >= $9
)`

export const roundSql = `WITH RECURSIVE ${[waiting, standing, entitled, heads, ranked].join(', ')}`
