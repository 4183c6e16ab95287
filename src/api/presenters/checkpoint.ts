/** @file A checkpoint row as clients see it. A column is private until it is named here. */
import type { Checkpoint } from '../../contract/checkpoints.ts'
import type { CheckpointRow } from '../../store/checkpoints/read-checkpoints.ts'

export function presentCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: row.id,
    object: 'checkpoint',
    job: row.jobId,
    step: row.step,
    epoch: row.epoch,
    metric: row.metric,
    best: row.best,
    weights: { bytes: Number(row.bytes), sha256: row.sha256 },
    numerics_version: row.numericsVersion,
    created_at: row.createdAt.toISOString(),
  }
}
