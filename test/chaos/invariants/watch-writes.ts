/**
 * @file Triggers that note who wrote what to which job, under which fence, and which status it had
 * before: so a write that a later one has covered up is seen too.
 *
 * Who is told by the name of the connection: each process under test needs a name of its own
 * (`?application_name=` in its DATABASE_URL). An entry is written in the transaction of the write that
 * it notes, so it is there exactly if that is.
 */
import type { Database } from './types.ts'

/** What a run writes beside its job's row, and only while it has the job. */
const relations = ['losses', 'events', 'checkpoints', 'weights'] as const

const schemaSql = `
CREATE SCHEMA IF NOT EXISTS chaos;
CREATE TABLE IF NOT EXISTS chaos.writes (
  n bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  writer text NOT NULL DEFAULT current_setting('application_name'),
  relation text NOT NULL,
  job_id text NOT NULL,
  /** Of the job, once the statement is done. */
  fence int NOT NULL,
  old_fence int,
  old_status text,
  new_status text,
  /** The lease had run out when the job's row was changed. */
  was_expired boolean,
  /** Of events: those that only a run writes. */
  is_of_run boolean NOT NULL DEFAULT true
);
CREATE INDEX IF NOT EXISTS writes_job ON chaos.writes (job_id, fence);

CREATE OR REPLACE FUNCTION chaos.note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.writes (relation, job_id, fence, old_fence, old_status, new_status, was_expired)
  VALUES ('jobs', NEW.id, NEW.fence, OLD.fence, OLD.status, NEW.status,
    OLD.lease_expires_at < clock_timestamp());
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION chaos.note_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.writes (relation, job_id, fence, is_of_run)
  SELECT TG_TABLE_NAME, jobs.id, jobs.fence, bool_or(coalesce(
    to_jsonb(written) ->> 'type' IN ('loss', 'checkpoint', 'log'), TG_TABLE_NAME <> 'weights'))
  FROM written JOIN jobs ON jobs.id = written.job_id GROUP BY jobs.id, jobs.fence;
  RETURN NULL;
END $$;`

const jobTriggerSql = `
CREATE OR REPLACE TRIGGER note_job AFTER UPDATE ON jobs FOR EACH ROW
WHEN (OLD.fence <> NEW.fence OR OLD.status <> NEW.status)
EXECUTE FUNCTION chaos.note_job()`

const rowsTriggerSql = (relation: string) => `
CREATE OR REPLACE TRIGGER note_rows AFTER INSERT ON ${relation}
REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION chaos.note_rows()`

/** Once, after the migrations. */
export async function watchWrites(database: Database): Promise<void> {
  await database.query(schemaSql.replaceAll(/\/\*\*.*?\*\//g, ''))
  await database.query(jobTriggerSql)
  for (const relation of relations) await database.query(rowsTriggerSql(relation))
}
