/**
 * @file Where a run begins: at the latest checkpoint whose files are what was written, or else at step 0.
 * One that is damaged is removed, and the job's events say so.
 */
import type { CheckpointFiles } from '../contract/tasks.ts'
import { crashPoint } from '../faults/crash-point.ts'
import type { ResumableCheckpoint } from '../store/checkpoints/resumable-checkpoints.ts'
import type { HeldRun } from './held-run.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface ResumePoint {
  readonly step: number
  readonly files: CheckpointFiles
}

/** null: at step 0. */
export async function findResumePoint(
  { store }: Pick<WorkerParts, 'store'>,
  run: HeldRun,
): Promise<ResumePoint | null> {
  const checkpoints = await store.readResumable(run.jobId)
  crashPoint('run.checkpoints_listed')
  if (checkpoints.length === 0) return null
  const lostUnless = (held: boolean) => {
    if (!held) run.lose()
  }
  for (const checkpoint of checkpoints) {
    const { step } = checkpoint
    const files = await readFiles(store, checkpoint, run.tick)
    crashPoint('run.checkpoint_read')
    if (files) {
      lostUnless(await store.resumeRun(run, checkpoint))
      crashPoint('run.resumed')
      return { step, files }
    }
    run.log.warn({ step }, 'a checkpoint is damaged')
    lostUnless(await store.removeDamagedCheckpoint(run, checkpoint))
    crashPoint('run.damaged_removed')
  }
  lostUnless(await store.resumeRun(run, { step: 0, epoch: 0 }))
  return null
}

async function readFiles(
  store: Pick<WorkerParts['store'], 'readChecked'>,
  checkpoint: ResumableCheckpoint,
  onPiece: () => void,
): Promise<CheckpointFiles | null> {
  const weights = await store.readChecked(checkpoint.weights, onPiece)
  const rest = weights && (await store.readChecked(checkpoint.rest, onPiece))
  return weights && rest && { weights, rest }
}
