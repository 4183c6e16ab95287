/**
 * @file The loop of a training thread: a checkpoint where one is due, some units of work, a look at the
 * control block, again. It ends when training has ended or somebody asks for it, and computes nothing
 * itself.
 */
import type { Trainer, TrainingReport } from '../engine/index.ts'
import { crashPoint } from '../faults/crash-point.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { Control, Signal } from './control.ts'
import { createPacer } from './pacer.ts'
import type { ProgressSender } from './progress-sender.ts'

export type LoopEnd =
  | { readonly by: 'finished'; readonly report: TrainingReport }
  | { readonly by: Exclude<Signal, 'none'> }

export function trainUntilTheEnd(
  trainer: Pick<Trainer, 'run'>,
  control: Control,
  progress: ProgressSender,
  checkpointer: Pick<Checkpointer, 'takeIfDue' | 'unitsUntilDue'>,
): LoopEnd {
  const pacer = createPacer()
  for (;;) {
    crashPoint('thread.slice')
    const signal = control.signal()
    if (signal !== 'none') return { by: signal }
    checkpointer.takeIfDue()
    const units = Math.min(pacer.units(), checkpointer.unitsUntilDue())
    const start = performance.now()
    const report = trainer.run(units)
    pacer.took(units, performance.now() - start)
    progress.report(report, report.points)
    if (report.finished) return { by: 'finished', report }
  }
}
