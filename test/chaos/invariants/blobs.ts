/** @file I8: blobs have exactly one owner, all their chunks, and the bytes that were hashed. */
import type { Evidence, Violation } from './types.ts'

const orphansSql = `
WITH owned AS (
  SELECT blob_id FROM datasets UNION SELECT blob_id FROM weights
  UNION SELECT blob_id FROM checkpoints UNION SELECT rest_blob_id FROM checkpoints
)
SELECT 'blob ' || id || ' belongs to nothing' AS what FROM blobs WHERE id NOT IN (SELECT blob_id FROM owned)
UNION ALL
SELECT DISTINCT 'chunks of ' || blob_id || ' belong to no blob' FROM blob_chunks
WHERE blob_id NOT IN (SELECT id FROM blobs)
UNION ALL
SELECT 'the owner of ' || blob_id || ' has no such blob' FROM owned
WHERE blob_id NOT IN (SELECT id FROM blobs)`

const damagedSql = `
SELECT blobs.id, blobs.bytes::text, coalesce(sum(octet_length(data)), 0)::text AS found
FROM blobs LEFT JOIN blob_chunks ON blob_id = blobs.id GROUP BY blobs.id
HAVING coalesce(sum(octet_length(data)), 0) <> blobs.bytes OR count(data) <> coalesce(max(index) + 1, 0)
  OR encode(sha256(coalesce(string_agg(data, ''::bytea ORDER BY index), '')), 'hex') <> blobs.sha256`

const hashesSql = `
SELECT 'the owner of ' || blobs.id || ' says another hash' AS what FROM blobs
JOIN (
  SELECT blob_id, sha256 FROM weights UNION ALL SELECT blob_id, sha256 FROM checkpoints
  UNION ALL SELECT blob_id, sha256 FROM datasets
) owner ON blob_id = blobs.id
WHERE owner.sha256 <> blobs.sha256`

export async function checkBlobs({ database }: Evidence): Promise<Violation[]> {
  const orphans = await database.query<{ what: string }>(orphansSql)
  const hashes = await database.query<{ what: string }>(hashesSql)
  const damaged = await database.query<{ id: string; bytes: string; found: string }>(damagedSql)
  return [
    ...orphans.rows.map(({ what }) => what),
    ...hashes.rows.map(({ what }) => what),
    ...damaged.rows.map(
      ({ id, bytes, found }) => `blob ${id} of ${bytes} bytes has ${found}, or others`,
    ),
  ].map((what) => ({ invariant: 'I8', jobId: null, what }))
}
