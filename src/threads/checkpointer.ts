/**
 * @file When a training thread takes a checkpoint, and the taking: a copy of what the trainer holds goes
 * out, and training goes on. Writing it is others' work.
 */
import type { TakenCheckpoint } from '../contract/tasks.ts'
import type { Trainer } from '../engine/index.ts'
import { crashPoint } from '../faults/crash-point.ts'
import type { Control } from './control.ts'

export interface CheckpointerOptions {
  readonly trainer: Pick<Trainer, 'step' | 'epoch' | 'snapshotFiles'>
  readonly control: Pick<Control, 'checkpointAsk' | 'answerCheckpoint'>
  /** Steps, as the spec has them; undefined: by time, as its owner asks. */
  readonly every: number | undefined
  readonly send: (checkpoint: TakenCheckpoint) => void
  /** Asked for with the first: most jobs are too short to have one. */
  readonly describe: () => CheckpointFacts
}

/** What is the same for all checkpoints of a run. */
export interface CheckpointFacts
  extends Pick<TakenCheckpoint, 'preprocessing' | 'planHash' | 'numericsVersion'> {
  /** For the header of the weights. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface Checkpointer {
  /** Between two slices. */
  takeIfDue(): void
  /** The next slice may have so many units: the step that is due ends it. */
  unitsUntilDue(): number
  /** On the way out: what was computed since the last one is not lost. */
  takeLast(): void
}

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { trainer, control, every = 0, send, describe } = options
  let facts: CheckpointFacts | undefined
  /** Also the step at which this run began: there is a checkpoint, or nothing to keep. */
  let latest = trainer.step

  function take(): void {
    const startMs = performance.now()
    facts ??= describe()
    const { metadata, ...rest } = facts
    const files = trainer.snapshotFiles(metadata)
    const { step, epoch } = trainer
    latest = step
    crashPoint('thread.checkpoint_taken')
    control.answerCheckpoint()
    send({ step, epoch, ...files, ...rest, milliseconds: performance.now() - startMs })
  }

  const waitsForMultiple = () => every > 0 && control.checkpointAsk() === 'atMultiple'

  return {
    takeIfDue() {
      const { step } = trainer
      if (step === latest) return
      const isDue = control.checkpointAsk() === 'now' || (waitsForMultiple() && step % every === 0)
      if (isDue) take()
    },
    // A unit is a step or a batch of validation: steps are never overshot.
    unitsUntilDue: () =>
      waitsForMultiple() ? every - (trainer.step % every) : Number.POSITIVE_INFINITY,
    takeLast() {
      if (trainer.step > latest) take()
    },
  }
}
