/** @file I7: what belongs together is of one project, and no other was shown any of it. */
import type { Evidence, Violation } from './types.ts'

const mixedSql = `
SELECT jobs.id AS job_id, 'its dataset' AS what FROM jobs
JOIN datasets ON datasets.id IN (dataset_id, validation_dataset_id)
WHERE datasets.project_id <> jobs.project_id
UNION ALL
SELECT NULL, 'the file of dataset ' || datasets.id FROM datasets
JOIN blobs ON blobs.id = blob_id WHERE blobs.project_id <> datasets.project_id
UNION ALL
SELECT jobs.id, 'the file of its weights' FROM weights
JOIN blobs ON blobs.id = blob_id JOIN jobs ON jobs.id = job_id
WHERE blobs.project_id <> jobs.project_id
UNION ALL
SELECT jobs.id, 'a file of its checkpoint at step ' || step FROM checkpoints
JOIN blobs ON blobs.id IN (blob_id, rest_blob_id) JOIN jobs ON jobs.id = job_id
WHERE blobs.project_id <> jobs.project_id
UNION ALL
SELECT jobs.id, 'the checkpoint that it starts from' FROM checkpoint_uses
JOIN jobs ON jobs.id = checkpoint_uses.job_id
JOIN checkpoints ON checkpoints.id = checkpoint_id JOIN jobs AS other ON other.id = checkpoints.job_id
WHERE other.project_id <> jobs.project_id
UNION ALL
SELECT jobs.id, 'the job whose weights it starts from' FROM weights_uses
JOIN jobs ON jobs.id = weights_uses.job_id JOIN jobs AS other ON other.id = weights_job_id
WHERE other.project_id <> jobs.project_id`

export async function checkProjects({ database, foreign = [] }: Evidence): Promise<Violation[]> {
  const { rows } = await database.query<{ job_id: string | null; what: string }>(mixedSql)
  return [
    ...rows.map(
      ({ job_id, what }): Violation => ({
        invariant: 'I7',
        jobId: job_id,
        what: `${what} is of another project`,
      }),
    ),
    ...foreign
      .filter(({ status }) => status !== 404)
      .map(
        ({ path, status }): Violation => ({
          invariant: 'I7',
          jobId: null,
          what: `${path} of another project was answered with ${status}`,
        }),
      ),
  ]
}
